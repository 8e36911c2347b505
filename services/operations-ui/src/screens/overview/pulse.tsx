import type { Lag, MinuteRow } from "@tagwire/messages";
import { ChartColumn, Table2 } from "lucide-react";
import { useMemo, useState } from "react";
import { useNow } from "../../clock.ts";
import type { Freshness } from "../../live/freshness.ts";
import { useClockOffsetMs } from "../../live/use-live.ts";
import { Button } from "../../look/button.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { countOf, countText, durationText, minuteText, zoneText } from "../../words/time.ts";
import { lastHour, type MinuteBar, minutesShown } from "./figures.ts";

type Props = {
  minutes: readonly MinuteRow[];
  lag: Lag | undefined;
  fresh: Freshness;
  isKnown: boolean;
  className: string;
};

const minuteMs = 60_000;

/** How much is being scanned, minute by minute, and how long a scan takes to be on record. */
export const Pulse = ({ minutes, lag, fresh, isKnown, className }: Props) => {
  const { timeZone } = useSite();
  const clockOffsetMs = useClockOffsetMs();
  const minuteNow = Math.floor((useNow() + clockOffsetMs) / minuteMs);
  const [asTable, setAsTable] = useState(false);
  const bars = useMemo(() => lastHour(minutes, minuteNow * minuteMs), [minutes, minuteNow]);
  const total = bars.reduce((sum, bar) => sum + bar.scans, 0);
  const Icon = asTable ? ChartColumn : Table2;
  return (
    <Panel
      title="Scans per minute"
      fresh={fresh}
      className={className}
      aside={
        <Button kind="quiet" onClick={() => setAsTable(!asTable)} className="-mr-3 font-medium!">
          <Icon aria-hidden="true" className="size-4" />
          <span className="max-sm:sr-only">{asTable ? "Show as chart" : "Show as table"}</span>
        </Button>
      }
    >
      {isKnown ? (
        <div className="grid grow gap-x-6 gap-y-3 px-4 pb-4 sm:grid-cols-[1fr_auto] sm:px-5">
          <div className="flex min-w-0 flex-col">
            {asTable ? (
              <MinuteTable bars={bars} timeZone={timeZone} />
            ) : (
              <Bars bars={bars} timeZone={timeZone} total={total} />
            )}
          </div>
          <LagFigures lag={lag} total={total} />
        </div>
      ) : (
        <Waiting>Waiting for figures…</Waiting>
      )}
    </Panel>
  );
};

const LagFigures = ({ lag, total }: { lag: Lag | undefined; total: number }) => {
  const span = (ms: number | null | undefined): string =>
    ms === null || ms === undefined ? "–" : durationText(ms);
  return (
    <dl className="grid grid-cols-3 content-start gap-x-6 gap-y-4 sm:grid-cols-1 sm:border-l sm:border-line sm:pl-6">
      <div>
        <dt className="caption">Last hour</dt>
        <dd className="figure text-xl">{countText(total)}</dd>
        <dd className="text-xs text-soft">{total === 1 ? "scan" : "scans"}</dd>
      </div>
      <div>
        <dt className="caption">Scan to record</dt>
        <dd className="figure text-xl whitespace-nowrap">{span(lag?.p50Ms)}</dd>
        <dd className="text-xs text-soft">half are faster</dd>
      </div>
      <div>
        <dt className="caption">95 of 100 within</dt>
        <dd className="figure text-xl whitespace-nowrap">{span(lag?.p95Ms)}</dd>
        <dd className="text-xs text-soft">
          {lag === undefined || lag.samples === 0
            ? "no scans measured"
            : `${countOf(lag.samples, "scan")} of the last ${countOf(lag.windowMinutes, "minute")}, slowest ${span(lag.maxMs)}`}
        </dd>
      </div>
    </dl>
  );
};

const chart = { width: 600, height: 150, gap: 2 };

const Bars = ({ bars, timeZone, total }: { bars: readonly MinuteBar[]; timeZone: string; total: number }) => {
  const top = niceTop(Math.max(...bars.map((bar) => bar.scans), 1));
  const heightOf = (count: number): number => (count / top) * chart.height;
  const step = chart.width / minutesShown;
  const troubled = bars.reduce((sum, bar) => sum + bar.rejected + bar.held, 0);
  return (
    <figure className="flex grow flex-col gap-1">
      <div className="relative mt-4 min-h-36 grow">
        <svg
          role="img"
          aria-label={`${countOf(total, "scan")} in the last hour, at most ${countText(top)} a minute on the scale; ${countText(troubled)} refused or held.`}
          viewBox={`0 0 ${chart.width} ${chart.height}`}
          preserveAspectRatio="none"
          className="absolute inset-0 size-full overflow-visible border-b border-edge"
        >
          {[0.5, 1].map((share) => (
            <line
              key={share}
              x1="0"
              x2={chart.width}
              y1={chart.height * (1 - share)}
              y2={chart.height * (1 - share)}
              className="stroke-line"
              vectorEffect="non-scaling-stroke"
            />
          ))}
          {bars.map((bar, index) => {
            const trouble = Math.min(bar.scans, bar.rejected + bar.held);
            const place = { x: index * step + chart.gap / 2, width: step - chart.gap };
            return (
              <g key={bar.minuteMs}>
                <rect
                  {...place}
                  y={chart.height - heightOf(bar.scans)}
                  height={heightOf(bar.scans)}
                  className={`bar-fill ${index === minutesShown - 1 ? "fill-accent" : "fill-ink"}`}
                />
                <rect
                  {...place}
                  y={chart.height - heightOf(trouble)}
                  height={heightOf(trouble)}
                  className="bar-fill fill-missing"
                />
              </g>
            );
          })}
        </svg>
        <span className="absolute right-0 bottom-full pb-1 text-xs leading-none text-soft tabular-nums">
          {countText(top)}
        </span>
      </div>
      <div aria-hidden="true" className="flex justify-between text-xs text-soft tabular-nums">
        {[0, 20, 40].map((index) => (
          <span key={index}>{minuteText(bars[index]?.minuteMs ?? 0, timeZone)}</span>
        ))}
        <span>now</span>
      </div>
      <figcaption className="flex flex-wrap gap-x-4 text-xs text-soft">
        <span>{zoneText(bars[0]?.minuteMs ?? 0, timeZone)}</span>
        <span className="inline-flex items-center gap-1.5">
          <span aria-hidden="true" className="bar-fill size-2.5 bg-ink" /> scans
        </span>
        <span className="inline-flex items-center gap-1.5">
          <span aria-hidden="true" className="bar-fill size-2.5 bg-accent" /> this minute, still counting
        </span>
        <span className="inline-flex items-center gap-1.5">
          <span aria-hidden="true" className="bar-fill size-2.5 bg-missing" /> of them refused or held:{" "}
          {countText(troubled)}
        </span>
      </figcaption>
    </figure>
  );
};

/** A round number that is not below the highest bar. */
const niceTop = (most: number): number => {
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= most) ?? 10) * power;
};

const MinuteTable = ({ bars, timeZone }: { bars: readonly MinuteBar[]; timeZone: string }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
  <section aria-label="Scans per minute, as a table" tabIndex={0} className="max-h-48 overflow-y-auto">
    <table className="w-full text-right text-sm tabular-nums">
      <caption className="text-left text-xs text-soft">{zoneText(bars[0]?.minuteMs ?? 0, timeZone)}</caption>
      <thead className="sticky top-0 bg-panel text-soft">
        <tr>
          <th scope="col" className="py-1 text-left font-semibold">
            Minute
          </th>
          <th scope="col" className="font-semibold">
            Scans
          </th>
          <th scope="col" className="font-semibold">
            Refused
          </th>
          <th scope="col" className="pr-2 font-semibold">
            Held
          </th>
        </tr>
      </thead>
      <tbody>
        {bars.toReversed().map((bar) => (
          <tr key={bar.minuteMs} className="border-t border-line">
            <th scope="row" className="py-1 text-left font-normal">
              {minuteText(bar.minuteMs, timeZone)}
            </th>
            <td>{countText(bar.scans)}</td>
            <td>{countText(bar.rejected)}</td>
            <td className="pr-2">{countText(bar.held)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);
