import { type Counts, countRows, foldCounts, isCounted } from "../actors/counts.ts";
import { rowChanges } from "../actors/live-messages.ts";
import { findCounts, saveCounts } from "../store/counts.ts";
import { board } from "./board.ts";

/** How many items there are, by status and by class, and how many scans wait in quarantine. */
export const counts = board<Counts, Counts>({
  name: "counts.1",
  tables: ["site_figures", "class_figures"],
  concerns: isCounted,
  find: findCounts,
  fold: (known, { happenings }) => foldCounts(known, happenings),
  save: saveCounts,
  news: (changes, { pos }) => ({ dashboard: rowChanges(countRows(changes, pos)) }),
});
