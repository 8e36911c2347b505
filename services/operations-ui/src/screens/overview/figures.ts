import type { ClassRow, DashboardTotals, Lag, MinuteRow } from "@tagwire/messages";
import { useMemo } from "react";
import type { LiveRow } from "../../live/protocol.ts";
import type { ViewSnapshot } from "../../live/subscription.ts";
import { useView } from "../../live/use-live.ts";
import { useSite } from "../../site-context.ts";

/** The dashboard's figures as the server counts them. What has not come yet is undefined, never zero. */
export type Figures = {
  readonly totals: DashboardTotals | undefined;
  readonly lag: Lag | undefined;
  readonly classes: readonly ClassRow[];
  readonly minutes: readonly MinuteRow[];
};

const rowOf = <T>(rows: ReadonlyMap<string, LiveRow>, key: string): T | undefined =>
  rows.get(key) as unknown as T | undefined;

/** Reads the keyed rows of the dashboard view. */
export const figuresOf = (rows: ReadonlyMap<string, LiveRow>): Figures => {
  const classes: ClassRow[] = [];
  const minutes: MinuteRow[] = [];
  for (const [key, row] of rows) {
    if (key.startsWith("class:")) classes.push(row as unknown as ClassRow);
    else if (key.startsWith("minute:")) minutes.push(row as unknown as MinuteRow);
  }
  return {
    totals: rowOf(rows, "totals"),
    lag: rowOf(rows, "lag"),
    classes: classes.filter(({ total }) => total > 0),
    minutes,
  };
};

export const useFigures = (): { figures: Figures; snapshot: ViewSnapshot } => {
  const snapshot = useView(useSite().id, "dashboard");
  const figures = useMemo(() => figuresOf(snapshot.rows), [snapshot]);
  return { figures, snapshot };
};

export type MinuteBar = {
  readonly minuteMs: number;
  readonly scans: number;
  readonly rejected: number;
  readonly held: number;
};

const minuteMs = 60_000;
export const minutesShown = 60;

/** The last hour, oldest first, one bar a minute; a minute in which nothing was scanned is a bar of zero. */
export const lastHour = (rows: readonly MinuteRow[], nowMs: number): MinuteBar[] => {
  const byMinute = new Map(rows.map((row) => [Math.floor(Date.parse(row.minute) / minuteMs), row]));
  const current = Math.floor(nowMs / minuteMs);
  return Array.from({ length: minutesShown }, (_, index) => {
    const minute = current - minutesShown + 1 + index;
    const row = byMinute.get(minute);
    return {
      minuteMs: minute * minuteMs,
      scans: row?.scans ?? 0,
      rejected: row?.rejected ?? 0,
      held: row?.quarantined ?? 0,
    };
  });
};
