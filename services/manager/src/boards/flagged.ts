import type { FlaggedScan } from "@tagwire/messages";
import { flaggedChange, flaggedScanOf } from "../actors/flagged-scan.ts";
import { saveFlagged } from "../store/flagged-scans.ts";
import { board } from "./board.ts";

/** Scans that are late, flagged or rejected. */
export const flagged = board<null, readonly FlaggedScan[]>({
  name: "flagged.1",
  tables: ["flagged_scan", "flagged_mark"],
  concerns: (happening) => flaggedScanOf(happening) !== undefined,
  find: async (_sql, runs) => new Map(runs.map(({ site }) => [site, null])),
  fold: (_known, { happenings }) => happenings.flatMap((happening) => flaggedScanOf(happening) ?? []),
  save: saveFlagged,
  news: (scans) => ({ flagged: scans.map(flaggedChange) }),
});
