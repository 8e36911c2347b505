import type { ContractKind } from "@tagwire/messages";
import { routeText } from "../../route.ts";
import { useSite } from "../../site-context.ts";

/** A contract's number that leads to all there is of it. Laundry has a report of its own, round by round. */
export const ContractLink = ({ number, kind }: { number: string; kind?: ContractKind }) => {
  const site = useSite().id;
  const isLaundry = kind === "laundry";
  const where = {
    site,
    screen: isLaundry ? "laundry" : "boards",
    query: new URLSearchParams({ ...(isLaundry ? {} : { board: "contracts" }), contract: number }),
  } as const;
  return (
    <a
      href={routeText(where)}
      className="hit inline-flex items-center font-medium underline decoration-line hover:decoration-ink"
    >
      {number}
    </a>
  );
};
