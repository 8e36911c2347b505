import { fetchPastClasses, type PastClasses } from "../../api/past.ts";
import { useSite } from "../../site-context.ts";
import { countText } from "../../words/time.ts";
import { Figures } from "../boards/board-table.tsx";
import { PastPanel } from "./past-panel.tsx";

/** A class as it was at a moment: how many of its things stood where. */
export const PastClass = ({ name }: { name: string }) => {
  const site = useSite();
  return (
    <PastPanel
      title={`${name} in the past`}
      read={(at) => fetchPastClasses(site.id, at)}
      show={(then) => <Counts then={then} name={name} />}
    />
  );
};

const Counts = ({ then, name }: { then: PastClasses; name: string }) => {
  const row = then.classes.find((one) => one.class === name);
  if (row === undefined) return <p className="px-4 py-3 text-sm sm:px-5">There was nothing of this class.</p>;
  const { total, available, out, inService, missing, ended } = row;
  return (
    <div className="pt-3">
      <Figures
        of={[
          { word: "Total", value: countText(total) },
          { word: "Available", value: countText(available) },
          { word: "Out", value: countText(out) },
          { word: "Service", value: countText(inService) },
          { word: "Missing", value: countText(missing) },
          { word: "Ended", value: countText(ended) },
        ]}
      />
    </div>
  );
};
