import {
  type Flag,
  type FlaggedScan,
  type ItemChange,
  type LoggedEvent,
  lateScanSeconds,
  type Outcome,
  type ScanQuarantined,
} from "@tagwire/messages";
import type { Happening } from "./happening.ts";
import type { PlacedChange } from "./live-messages.ts";
import { strayOutcomeOf } from "./scan-outcome.ts";

type Said = {
  readonly outcome: Outcome;
  readonly code: string | undefined;
  readonly scan: string | undefined;
  readonly flags: readonly string[];
};

const readScan = ({ event, after }: Happening): Said | undefined => {
  const stray = strayOutcomeOf(event);
  if (stray !== undefined) {
    const { scan, code, flags = [] } = event.data as ScanQuarantined;
    return { outcome: stray, code, scan: scan.type, flags };
  }
  const { scan, code, flags, outcome } = event.data as Partial<ItemChange>;
  if (after === undefined || scan === undefined || outcome === undefined) return undefined;
  return { outcome, code, scan: scan.type, flags: flags ?? [] };
};

const lateSecondsOf = ({ scannedAt, recordedAt }: LoggedEvent): number | null =>
  scannedAt === undefined ? null : (Date.parse(recordedAt) - Date.parse(scannedAt)) / 1_000;

/** Readers overhear tags all day long: that is kept with the item, and nobody has to look at it. */
const isOrdinary: ReadonlySet<string> = new Set<Flag>(["stray"]);

const marksOf = ({ outcome, code, flags }: Said, lateSeconds: number | null): string[] => {
  const marks = new Set(flags.filter((flag) => !isOrdinary.has(flag)));
  // That a tag is unknown is no mark: such scans are counted as quarantined, and there may be any number of them.
  if (code !== undefined && outcome !== "quarantined") marks.add(code);
  if (outcome === "rejected") marks.add("rejected");
  // What waited in quarantine was not late by itself.
  if (lateSeconds !== null && lateSeconds >= lateScanSeconds && !flags.includes("from_quarantine"))
    marks.add("late");
  return [...marks];
};

/** What is worth a person's eye of a scan; undefined when nothing is, and for what is no scan. */
export const flaggedScanOf = (happening: Happening): FlaggedScan | undefined => {
  const said = readScan(happening);
  if (said === undefined) return undefined;
  const { event } = happening;
  const lateSeconds = lateSecondsOf(event);
  const marks = marksOf(said, lateSeconds);
  if (marks.length === 0) return undefined;
  return {
    pos: event.pos,
    event: event.type,
    scanId: event.scanId ?? null,
    scan: said.scan ?? null,
    tag: event.tag ?? null,
    contract: event.contract ?? null,
    session: event.session ?? null,
    by: event.by,
    outcome: said.outcome,
    code: said.code ?? null,
    marks,
    scannedAt: event.scannedAt ?? null,
    receivedAt: event.receivedAt,
    recordedAt: event.recordedAt,
    lateSeconds,
    traceId: event.traceId,
  };
};

/** What screens are told of it. */
export const flaggedChange = (scan: FlaggedScan): PlacedChange => {
  const { pos } = scan;
  return { pos, change: { key: String(pos), version: pos, put: scan } };
};
