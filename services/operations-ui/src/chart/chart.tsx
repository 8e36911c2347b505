import { ChartColumn, Table2 } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "../look/button.tsx";
import { type ChartData, pointText } from "./chart-data.ts";
import { ChartTable } from "./chart-table.tsx";
import { fetchPlot } from "./fetch-plot.ts";
import type { Plot } from "./plot.ts";

type Props = {
  /** What is shown, as a heading. */
  title: string;
  /** What the points are: the first column of the table. */
  of: string;
  data: ChartData;
  /** What has to be known to read it: the zone of its times, how far it goes. */
  note?: ReactNode;
  /** What stands beside the title, as a choice of whose figures are shown. */
  children?: ReactNode;
};

/** Other values go into the same chart; other points or series make another one. */
const kindOf = ({ shape, points, series }: ChartData): string =>
  JSON.stringify([shape, points.length, series.map(({ word, colour }) => [word, colour])]);

/** A chart of figures that a table says as well: at once where the chart cannot be fetched, and whenever somebody asks. */
export const Chart = ({ title, of, data, note, children }: Props) => {
  const [asTable, setAsTable] = useState(false);
  const [isOutOfReach, setOutOfReach] = useState(false);
  const Icon = asTable ? ChartColumn : Table2;
  return (
    <figure className="mx-4 mb-4 flex min-w-0 flex-col gap-2 border-t border-line pt-2 sm:mx-5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <h3 className="text-sm font-semibold">{title}</h3>
        {children}
        {!isOutOfReach && (
          <Button
            kind="quiet"
            onClick={() => setAsTable(!asTable)}
            className="-mr-3 ml-auto font-medium!"
            aria-label={`${title}: ${asTable ? "show as chart" : "show as table"}`}
          >
            <Icon aria-hidden="true" className="size-4" />
            {asTable ? "Show as chart" : "Show as table"}
          </Button>
        )}
      </div>
      {isOutOfReach && (
        <p role="status" className="text-sm text-soft">
          The chart could not be fetched; these are its figures.
        </p>
      )}
      {asTable || isOutOfReach ? (
        <ChartTable {...{ title, of, data }} />
      ) : (
        <Drawn key={kindOf(data)} {...{ title, data }} onMissing={() => setOutOfReach(true)} />
      )}
      <figcaption className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
        {data.series.map(({ word, colour }) => (
          <span key={word} className="inline-flex items-center gap-1.5">
            <span aria-hidden="true" className="bar-fill size-2.5" style={{ background: `var(${colour})` }} />
            {word}
          </span>
        ))}
        {note}
      </figcaption>
    </figure>
  );
};

type DrawnProps = { title: string; data: ChartData; onMissing: () => void };

const steps: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowLeft: (at) => at - 1,
  ArrowDown: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  ArrowUp: (at) => at + 1,
  PageDown: (at) => at - 6,
  PageUp: (at) => at + 6,
  Home: () => 0,
  End: (_, last) => last,
};

/* Whoever has no pointer goes from point to point with the arrows, and hears what stands there. */
const Drawn = ({ title, data, onMissing }: DrawnProps) => {
  const home = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>(undefined);
  const newest = useRef({ data, onMissing });
  newest.current = { data, onMissing };
  const [at, setAt] = useState<number>();

  useEffect(() => {
    let isLeft = false;
    fetchPlot().then(
      ({ openPlot }) => {
        if (isLeft || home.current === null) return;
        plot.current = openPlot(home.current, newest.current.data, setAt);
      },
      () => isLeft || newest.current.onMissing(),
    );
    return () => {
      isLeft = true;
      plot.current?.close();
      plot.current = undefined;
    };
  }, []);
  useEffect(() => plot.current?.show(data), [data]);

  const last = data.points.length - 1;
  const shown = Math.min(at ?? last, last);
  const step = (event: KeyboardEvent): void => {
    const next = steps[event.key]?.(shown, last);
    if (next === undefined) return;
    event.preventDefault();
    const wanted = Math.min(last, Math.max(0, next));
    setAt(wanted);
    plot.current?.mark(wanted);
  };
  return (
    <>
      <div
        ref={home}
        role="slider"
        tabIndex={0}
        aria-label={`${title}, point by point`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, last)}
        aria-valuenow={Math.max(0, shown)}
        aria-valuetext={pointText(data, shown)}
        onKeyDown={step}
        className="relative h-48 min-w-0 overflow-hidden rounded-sm [direction:ltr]"
      />
      <p aria-hidden="true" className="text-sm tabular-nums">
        {pointText(data, shown)}
      </p>
    </>
  );
};
