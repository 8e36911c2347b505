import { ArrowLeft } from "lucide-react";
import { Waiting } from "../../look/panel.tsx";
import { useRoute } from "../../route.ts";
import { useSite } from "../../site-context.ts";
import { WayLink } from "../place-link.tsx";
import { LaundryList } from "./laundry-list.tsx";
import { LaundryReport } from "./laundry-report.tsx";

/** What went to the cleaner and what came back: the contracts, and the report of the one that is chosen. */
export const LaundryScreen = () => {
  const site = useSite();
  const { query } = useRoute();
  const number = query.get("contract");
  return (
    <div className="grid items-start gap-3 p-3 sm:gap-4 sm:p-4 lg:grid-cols-[18rem_minmax(0,1fr)] print:block print:p-0">
      {/* Without room for both, the report takes the place of the list: below it nobody would find it. */}
      <div className={number === null ? "" : "max-lg:hidden print:hidden"}>
        <LaundryList chosen={number} />
      </div>
      {number === null ? (
        <Waiting>Choose a contract to see what it sent to the cleaner and what came back.</Waiting>
      ) : (
        <div className="grid min-w-0 gap-3">
          <div className="lg:hidden print:hidden">
            <WayLink place={{ site: site.id, screen: "laundry" }}>
              <ArrowLeft aria-hidden="true" className="size-4" />
              All laundry
            </WayLink>
          </div>
          <LaundryReport key={number} number={number} />
        </div>
      )}
    </div>
  );
};
