import type {
  RfidproComparison,
  RfidproDifference,
  RfidproDifferenceClass,
  RfidproSignature,
} from "@tagwire/messages";
import { spokenScore } from "./agreement.ts";

/** Everything that an agreement report says. */
export type Report = {
  readonly comparison: RfidproComparison;
  /** SHA-256 of the comparison in canonical JSON: what is signed. */
  readonly hash: string;
  readonly signatures: readonly RfidproSignature[];
};

/** How a report is written as a file: what stands above its differences, a line for each of them, and what stands below. */
export type ReportForm = {
  readonly head: (report: Report) => string;
  readonly row: (difference: RfidproDifference) => string;
  readonly foot: (report: Report) => string;
};

/** What a class of difference is called, for whoever reads the report and nothing else. */
export const classWords: Readonly<Record<RfidproDifferenceClass, string>> = {
  only_in_rfidpro: "only in RFIDpro",
  missing_from_rfid: "missing from RFIDpro",
  only_in_ops: "scan only in operations",
  status_mismatch: "another state",
  location_mismatch: "another place",
  quantity_mismatch: "another quantity of a class",
  return_not_recorded: "return not recorded on one side",
  double_booked: "out on two contracts",
  state_without_event: "changed without a scan",
  late_upload: "uploaded late",
  clock_skew: "the clocks differ",
  duplicate: "more than once in RFIDpro",
  malformed: "cannot be read",
};

/** The point of sale is not compared here, and a report that leaves it out says so. */
export const notApplicable =
  "missing_from_pos: not applicable, the point of sale is no part of this comparison";

/** A share in percent. It is rounded down, so that only what agrees wholly is called 100 %. */
export const percent = (share: number | null): string =>
  share === null ? "–" : `${Math.floor(share * 10_000) / 100} %`;

/** One side of a difference as text: all of it where nothing differs by name, else what does. */
export const sideText = (side: RfidproDifference["rfidpro"], fields: readonly string[]): string => {
  if (side === null) return "not there";
  const named = fields.filter((field) => field in side);
  const shown = named.length > 0 ? named : Object.keys(side);
  return shown
    .filter((field) => side[field] !== null)
    .map(
      (field) => `${field}: ${typeof side[field] === "string" ? side[field] : JSON.stringify(side[field])}`,
    )
    .join("; ");
};

const dayMs = 86_400_000;
/** How long a difference is known, in days, as of when it was seen last. */
export const ageDays = ({ firstSeenAt, lastSeenAt }: RfidproDifference): number =>
  Math.floor((Date.parse(lastSeenAt) - Date.parse(firstSeenAt)) / dayMs);

/** What stands above the differences: names and values, in their order. */
export const headOf = ({ comparison, hash, signatures }: Report): [string, string | number][] => {
  const { agreement, window, position, capability, isComplete } = comparison;
  const { items, scans, faults } = agreement;
  return [
    ["site", comparison.site],
    ["run", comparison.run],
    ["window from", window.from],
    ["window to", window.to],
    ["verdict of the pull", comparison.verdict],
    ["items read whole", isComplete.items ? "yes" : "no: what is missing is not told"],
    ["scans read whole", isComplete.transactions ? "yes" : "no: what is missing is not told"],
    ["capability of RFIDpro", capability === null ? "unknown" : JSON.stringify(capability)],
    ["compared at", comparison.comparedAt],
    ["position of operations", `${position.epoch}:${position.pos}`],
    ["manifest SHA-256", comparison.manifest ?? "none"],
    ["agreement", percent(spokenScore(agreement))],
    ["items compared", items.compared],
    ["items that agree", items.agreed],
    ["items that differ", items.differing],
    ["items pending", items.pending],
    ["items changed here since RFIDpro took its last scan", items.ahead ?? 0],
    ["scans compared", scans.compared],
    ["scans that agree", scans.agreed],
    ["scans that differ", scans.differing],
    ["scans pending", scans.pending],
    ["scans made here since RFIDpro took its last scan", scans.ahead ?? 0],
    ["duplicates in RFIDpro", faults.duplicate],
    ["unreadable in RFIDpro", faults.malformed],
    ["dates in RFIDpro that its own scans do not explain", faults.unexplained],
    ...Object.entries(agreement.classes).map(([name, count]): [string, number] => [name, count ?? 0]),
    ["missing_from_pos", "not applicable"],
    ...(comparison.oldScanners ?? []).map(({ name, scans, lastAt }): [string, string] => [
      "scanned with an old scanner in the week before",
      `${name}: ${scans}, the last at ${lastAt}`,
    ]),
    ["differences", comparison.differences],
    ["differences SHA-256", comparison.differencesHash],
    ["report SHA-256", hash],
    ...signatures.map(({ name, by, at, hash: signed }): [string, string] => [
      "signed",
      `${name} (${by}) at ${at}, SHA-256 ${signed}`,
    ]),
    ...(signatures.length === 0 ? [["signed", "by nobody yet"] as [string, string]] : []),
  ];
};
