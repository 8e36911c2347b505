import { Waiting } from "../../look/panel.tsx";
import { useRoute } from "../../route.ts";
import { LaundryList } from "./laundry-list.tsx";
import { LaundryReport } from "./laundry-report.tsx";

/** What went to the cleaner and what came back: the contracts, and the report of the one that is chosen. */
export const LaundryScreen = () => {
  const { query } = useRoute();
  const number = query.get("contract");
  return (
    <div className="grid items-start gap-3 p-3 sm:gap-4 sm:p-4 lg:grid-cols-[18rem_minmax(0,1fr)] print:block print:p-0">
      <LaundryList chosen={number} />
      {number === null ? (
        <Waiting>Choose a contract to see what it sent to the cleaner and what came back.</Waiting>
      ) : (
        <LaundryReport key={number} number={number} />
      )}
    </div>
  );
};
