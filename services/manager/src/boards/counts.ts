import { type Counts, type CountsTurned, countRows, foldCounts, isCounted } from "../actors/counts.ts";
import { calendarOf } from "../actors/day.ts";
import { rowChanges } from "../actors/live-messages.ts";
import { findCounts, saveCounts } from "../store/counts.ts";
import { board } from "./board.ts";

/**
 * How many items there are, by status and by class, and how many scans wait in quarantine; of classes also at the end of each day,
 * and every move in between, so that it can be told how many there were at any moment; of quarantine each change.
 */
export const counts = board<Counts, CountsTurned>({
  name: "counts.2",
  tables: ["site_figures", "class_figures", "class_closing", "stock_move", "quarantine_step"],
  concerns: isCounted,
  find: findCounts,
  fold: (known, { happenings, timeZone }) => foldCounts(known, happenings, calendarOf(timeZone)),
  save: saveCounts,
  news: (changes, { pos }) => ({ dashboard: rowChanges(countRows(changes, pos)) }),
});
