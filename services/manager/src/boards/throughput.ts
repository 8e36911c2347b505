import { calendarOf } from "../actors/day.ts";
import { rowChanges } from "../actors/live-messages.ts";
import { isScan } from "../actors/scan-outcome.ts";
import {
  foldThroughput,
  isKept,
  keptAt,
  type Tallies,
  type ThroughputTurned,
  throughputRows,
} from "../actors/throughput.ts";
import { findTallies, saveTallies } from "../store/throughput.ts";
import { board } from "./board.ts";

/** What each person, device and reader scanned, by hour and day. */
export const throughput = board<Tallies, ThroughputTurned>({
  name: "throughput.1",
  tables: ["scan_tally"],
  concerns: isScan,
  find: findTallies,
  fold: (known, { happenings, timeZone }) => foldThroughput(known, happenings, calendarOf(timeZone)),
  save: saveTallies,
  news: ({ changed }, { pos, timeZone, nowMs }) => {
    const kept = keptAt(nowMs, calendarOf(timeZone)(nowMs));
    const shown = [...changed.values()].filter((tally) => isKept(tally, kept));
    return { throughput: rowChanges(throughputRows(shown, { version: pos, timeZone })) };
  },
});
