import { useFreshness } from "../../live/use-live.ts";
import { ClassTable } from "./class-table.tsx";
import { useFigures } from "./figures.ts";
import { Pulse } from "./pulse.tsx";
import { ReaderStrip } from "./reader-strip.tsx";
import { Ticker } from "./ticker.tsx";
import { Totals } from "./totals.tsx";

/** What is going on, right now. Everything on it moves by itself. */
export const Overview = () => {
  const { figures, snapshot } = useFigures();
  const fresh = useFreshness(snapshot);
  // Before the first figures came nothing is known, and a nought would say that nothing is there.
  const isKnown = figures.totals !== undefined;
  return (
    <div className="grid gap-3 p-3 sm:gap-4 sm:p-4 xl:grid-cols-12">
      <Totals totals={figures.totals} fresh={fresh} fault={snapshot.fault} className="xl:col-span-12" />
      <Pulse minutes={figures.minutes} lag={figures.lag} {...{ fresh, isKnown }} className="xl:col-span-7" />
      <ReaderStrip className="xl:col-span-5" />
      <ClassTable classes={figures.classes} {...{ fresh, isKnown }} className="xl:col-span-7" />
      <Ticker className="xl:col-span-5" />
    </div>
  );
};
