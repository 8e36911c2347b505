import type { ThroughputRow } from "@tagwire/messages";
import { useView } from "../../live/use-live.ts";
import { useSite } from "../../site-context.ts";
import { countText } from "../../words/time.ts";
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
    />
  );
};
