import type { ThroughputRow, WorkerKind } from "@tagwire/messages";
import { useState } from "react";
import { Chart } from "../../chart/chart.tsx";
import type { ViewSnapshot } from "../../live/subscription.ts";
import { useView } from "../../live/use-live.ts";
import { useSite } from "../../site-context.ts";
import { countText, zoneText } from "../../words/time.ts";
import { busiestKinds, hoursShown, type Scanner, scansByHour } from "./board-charts.ts";
import { byScanner, type Scanned } from "./board-rows.ts";
import { BoardTable, type Column } from "./board-table.tsx";
import { useRows } from "./rows-of.ts";
import { siteDay, useMinute } from "./site-time.ts";

const columns: readonly Column<Scanned>[] = [
  { word: "Who", cell: ({ who }) => who },
  { word: "Kind", cell: ({ kind }) => kind, isWide: true },
  { word: "This hour", cell: ({ hour }) => countText(hour), isNumber: true },
  { word: "Today", cell: ({ today }) => countText(today.scans), isNumber: true },
  {
    word: "Already applied",
    cell: ({ today }) => countText(today.alreadyApplied),
    isNumber: true,
    isWide: true,
  },
  { word: "Refused", cell: ({ today }) => countText(today.rejected), isNumber: true },
  { word: "Held", cell: ({ today }) => countText(today.quarantined), isNumber: true, isWide: true },
];

const hourMs = 3_600_000;

/** Who scanned how much today, the busiest first. */
export const ThroughputBoard = () => {
  const site = useSite();
  const nowMs = useMinute();
  const day = siteDay(nowMs, site.timeZone);
  const hour = new Date(Math.floor(nowMs / hourMs) * hourMs).toISOString();
  const snapshot = useView(site.id, "throughput");
  const rows = useRows<ThroughputRow, Scanned[]>(snapshot, (all) => byScanner(all, { day, hour }), [
    day,
    hour,
  ]);
  return (
    <BoardTable
      {...{ title: "Throughput today", snapshot, columns, rows }}
      keyOf={({ kind, who }) => `${kind} ${who}`}
      nothing="Nobody has scanned today."
      chart={<HoursChart snapshot={snapshot} nowMs={nowMs} />}
    />
  );
};

const kindWords: Readonly<Record<WorkerKind, string>> = {
  person: "All people",
  device: "All devices and keys",
  reader: "All readers",
};
const kinds = Object.keys(kindWords) as readonly WorkerKind[];

const scannerText = ({ kind, who }: Scanner): string => (who === undefined ? kind : `${kind} ${who}`);
const scannerOf = (value: string): Scanner | undefined => {
  const kind = kinds.find((each) => value === each || value.startsWith(`${each} `));
  if (kind === undefined) return undefined;
  return value === kind ? { kind } : { kind, who: value.slice(kind.length + 1) };
};

/** Scans hour by hour, of everybody of a kind or of one of them: added up over all kinds, people with devices would count twice. */
const HoursChart = ({ snapshot, nowMs }: { snapshot: ViewSnapshot; nowMs: number }) => {
  const { timeZone } = useSite();
  const [chosen, choose] = useState<Scanner>();
  const busiest = useRows<ThroughputRow, WorkerKind[]>(snapshot, (rows) => busiestKinds(rows, nowMs), [
    nowMs,
  ]);
  const scanner = chosen ?? { kind: busiest[0] ?? "person" };
  const value = scannerText(scanner);
  const data = useRows<ThroughputRow, ReturnType<typeof scansByHour>>(
    snapshot,
    (rows) => scansByHour(rows, scanner, { nowMs, timeZone }),
    [nowMs, timeZone, value],
  );
  const names = useRows<ThroughputRow, Scanner[]>(
    snapshot,
    (rows) =>
      [...new Map(rows.map(({ kind, who }) => [`${kind} ${who}`, { kind, who }])).values()].toSorted(
        (one, other) => one.who.localeCompare(other.who),
      ),
    [],
  );
  return (
    <Chart
      title={`Scans per hour, the last ${hoursShown} hours`}
      of="Hour from"
      data={data}
      note={<span>{zoneText(nowMs, timeZone)}</span>}
    >
      <label className="inline-flex items-center gap-2 text-sm">
        <span className="text-soft">Whose</span>
        <select
          className="hit rounded-md border border-edge bg-panel px-2 text-sm"
          value={value}
          onChange={({ target }) => choose(scannerOf(target.value))}
        >
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {kindWords[kind]}
            </option>
          ))}
          {names.map((each) => (
            <option key={scannerText(each)} value={scannerText(each)}>
              {each.who} ({each.kind})
            </option>
          ))}
        </select>
      </label>
    </Chart>
  );
};
