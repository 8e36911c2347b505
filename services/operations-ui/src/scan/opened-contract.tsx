import type { ContractRow } from "@tagwire/messages";
import { useView } from "../live/use-live.ts";
import type { Row } from "../outbox/rows.ts";
import { useSite } from "../site-context.ts";
import { scanTypeWords } from "../words/scans.ts";

/** Says that a scan went onto a contract that nobody has stated: whoever mistyped its number has opened another one. */
export const OpenedContract = ({ row: { scan, receipt } }: { row: Row }) => {
  const opens = scanTypeWords[scan.type].contract === "needed" && receipt?.outcome === "accepted";
  return opens && scan.contract !== undefined && <Unstated number={scan.contract} />;
};

const Unstated = ({ number }: { number: string }) => {
  const { rows } = useView(useSite().id, "contracts", { number });
  const contract = rows.get(number) as unknown as ContractRow | undefined;
  if (contract === undefined || contract.stated) return null;
  return (
    <p className="text-sm font-semibold">
      New contract {number} opened: nobody has stated it yet. Is the number right?
    </p>
  );
};
