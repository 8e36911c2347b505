import Type, { type Static, type TSchema } from "typebox";
import { AsOf, boardPage } from "./board-questions.ts";
import { SiteId } from "./ids.ts";
import { By } from "./items.ts";
import { question } from "./question.ts";
import { flags, outcomes, receiptCodes } from "./scans.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** A scan that was recorded so many seconds after it was made, or more, is late. */
export const lateScanSeconds = 900;
/** How long flagged scans are kept behind the newest one of their site, in days. */
export const flaggedDaysKept = 90;
/** How many of them a screen gets to begin with, the newest: of each that follows it is told. The rest are a list. */
export const flaggedLiveMax = 500;

/** What a scan may be listed under: its flags and its code, that it was rejected, and that it came late. */
export const scanMarks = [...new Set([...flags, ...receiptCodes, "rejected", "late"] as const)];
export type ScanMark = (typeof scanMarks)[number];
export const ScanMark = Type.Enum(scanMarks, {
  description: `a flag or a code of a receipt; rejected; or late: recorded ${lateScanSeconds} seconds after it was scanned or later`,
});

/**
 * A scan that is worth a person's eye: who made it, what is odd about it, how late it was, and the trace that leads to it. A row of the
 * live view `flagged` with its position as the key; it never changes.
 */
export const FlaggedScan = Type.Object({
  pos: Type.Integer({ description: "position of its event in the log" }),
  event: Type.String({ description: "type of its event" }),
  scanId: nullable(Type.String()),
  scan: nullable(Type.String({ description: "type of the scan" })),
  tag: nullable(Type.String({ description: "null where what was scanned is no tag" })),
  contract: nullable(Type.String()),
  session: nullable(Type.String()),
  by: By,
  outcome: Type.Enum(outcomes),
  code: nullable(Type.String()),
  marks: Type.Array(Type.String(), { description: "everything that it is listed under" }),
  scannedAt: nullable(Type.String()),
  receivedAt: Type.String(),
  recordedAt: Type.String(),
  lateSeconds: nullable(
    Type.Number({
      description: "from the scan to its record; negative when the device's clock runs ahead",
    }),
  ),
  traceId: Type.String(),
});
export type FlaggedScan = Static<typeof FlaggedScan>;

export const FlaggedFilter = Type.Object({ mark: Type.Optional(ScanMark) });
export type FlaggedFilter = Static<typeof FlaggedFilter>;

/** Late, flagged and rejected scans, the newest first. Scans of unknown tags are among them only where something else is odd about them. */
export const AskFlaggedScans = question({
  service: "manager",
  name: "flagged-scans",
  question: Type.Object({ site: SiteId, ...boardPage, ...FlaggedFilter.properties }),
  answer: Type.Object({
    ...AsOf.properties,
    rows: Type.Array(FlaggedScan),
    next: nullable(Type.String()),
  }),
});
