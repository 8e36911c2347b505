import type { LagDistribution, LagMinute } from "@tagwire/messages";
import { useMemo } from "react";
import { Chart } from "../../chart/chart.tsx";
import { useView } from "../../live/use-live.ts";
import { useSite } from "../../site-context.ts";
import { countOf, countText, durationText } from "../../words/time.ts";
import { lagBuckets } from "./board-charts.ts";
import { lagOfHour } from "./board-rows.ts";
import { BoardTable, type Column, Figures } from "./board-table.tsx";
import { useRows } from "./rows-of.ts";
import { useMinute } from "./site-time.ts";

type Bucket = LagDistribution["buckets"][number];

const lagText = (ms: number | null | undefined): string => (ms == null ? "–" : durationText(ms));

const figuresOf = (word: string, lag: LagDistribution | undefined) => ({
  word,
  value: lagText(lag?.p50Ms),
  note: `half are faster · 9 of 10 within ${lagText(lag?.p90Ms)} · 99 of 100 within ${lagText(lag?.p99Ms)} · ${countOf(lag?.samples ?? 0, "scan")} measured`,
});

/** How long a scan took in the last hour, from the device to the record and on to the screens. */
export const LagBoard = () => {
  const site = useSite();
  const nowMs = useMinute();
  const snapshot = useView(site.id, "lag");
  const lag = useRows<LagMinute, LagDistribution>(snapshot, (minutes) => lagOfHour(minutes, nowMs), [nowMs]);
  // What screens show is no part of the log: gateways add up what they say, and tell it every five seconds.
  const shown = useView(site.id, "screens");
  const screen = useRows<LagMinute, LagDistribution>(shown, (minutes) => lagOfHour(minutes, nowMs), [nowMs]);
  const chart = useMemo(() => lagBuckets(lag, screen), [lag, screen]);
  const rows = lag.buckets.filter(({ samples }) => samples > 0);
  const most = Math.max(1, ...rows.map(({ samples }) => samples));
  const columns: readonly Column<Bucket>[] = [
    {
      word: "Device to record",
      cell: ({ upToMs }) => (upToMs === null ? "longer" : `up to ${durationText(upToMs)}`),
    },
    { word: "Scans", cell: ({ samples }) => countText(samples), isNumber: true },
    {
      word: "Share",
      cell: ({ samples }) => (
        <meter className="w-full" aria-label="share" min={0} max={most} value={samples} />
      ),
      isWide: true,
    },
  ];
  return (
    <BoardTable
      {...{ title: "Delay of scans, the last hour", snapshot, columns, rows }}
      keyOf={({ upToMs }) => String(upToMs)}
      nothing="Nobody scanned in the last hour."
      chart={chart.points.length > 0 && <Chart title="How long they took" of="Time" data={chart} />}
    >
      <Figures of={[figuresOf("Device to record", lag), figuresOf("Record to screen", screen)]} />
    </BoardTable>
  );
};
