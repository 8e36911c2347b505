import {
  backdatedAfterMs,
  type Flag,
  faultCatalogue,
  futureToleranceMs,
  type Item,
  ItemDelivered,
  ItemFound,
  ItemRented,
  ItemReturned,
  ItemServiced,
  type ItemSet,
  ItemSighted,
  ItemStaged,
  type ItemStatus,
  type ReceiptCode,
  type Scan,
  ScanQuarantined,
  type ScanType,
} from "@tagwire/messages";
import { statusAfterReturn } from "./condition.ts";
import { changeBody, type Decision, type Origin, type Said, withSet } from "./decision.ts";
import { type Transition, transitions } from "./transition.ts";

/** What only a reader's observation carries besides being a scan. */
export type Evidence = { readonly reads: number; readonly peakRssiDbm: number | null };

export type HeardScan = {
  readonly scan: Scan;
  readonly origin: Origin;
  readonly evidence?: Evidence;
  readonly fromQuarantine?: boolean;
};

/** The instant a scan counts for, and what is odd about its clock. */
type Timing = { readonly atMs: number; readonly at: string; readonly flags: readonly Flag[] };

const eventOf: Readonly<Record<ScanType, string>> = {
  rental: ItemRented.type,
  stage: ItemStaged.type,
  delivery: ItemDelivered.type,
  return: ItemReturned.type,
  pickup: ItemReturned.type,
  service: ItemServiced.type,
  touch: ItemFound.type,
  count: ItemFound.type,
};

const needsContract: ReadonlySet<ScanType> = new Set(["rental", "stage", "delivery"]);
const outOnContract: ReadonlySet<ItemStatus> = new Set(["staged", "on_rent", "delivered"]);

/** The instant a scan counts for, in ms. */
export const happenedAtMs = (heard: HeardScan): number => timingOf(heard).atMs;

/** A clock that runs ahead is not believed: receipt time counts instead. One that runs behind is, and is flagged. */
const timingOf = ({ scan, origin }: HeardScan): Timing => {
  const scannedAtMs = Date.parse(scan.scannedAt);
  const receivedAtMs = Date.parse(origin.receivedAt);
  if (scannedAtMs > receivedAtMs + futureToleranceMs) {
    return { atMs: receivedAtMs, at: origin.receivedAt, flags: ["future_scan"] };
  }
  const flags: Flag[] = scannedAtMs < receivedAtMs - backdatedAfterMs ? ["backdated"] : [];
  return { atMs: scannedAtMs, at: new Date(scannedAtMs).toISOString(), flags };
};

const codeOf = (flags: readonly Flag[]): ReceiptCode | undefined =>
  (["future_scan", "backdated", "late_history_only"] as const).find((code) => flags.includes(code));

const saidBy = (
  heard: HeardScan,
  tag: string,
  timing: Timing,
  rest: Pick<Said, "type" | "data"> & { contract?: string | null },
): Said => {
  const { scan, origin } = heard;
  const contract = rest.contract ?? scan.contract;
  return {
    type: rest.type,
    data: rest.data,
    tag,
    scanId: scan.id,
    scannedAt: timing.at,
    ...origin,
    ...(contract === undefined || contract === null ? {} : { contract }),
    ...(scan.session === undefined ? {} : { session: scan.session }),
  };
};

const scanFacts = ({ scan, evidence }: HeardScan, timing: Timing) => ({
  type: scan.type,
  ...(scan.place === undefined ? {} : { place: scan.place }),
  ...(scan.scannedAt === timing.at ? {} : { deviceTime: scan.scannedAt }),
  ...(scan.condition === undefined ? {} : { condition: scan.condition }),
  ...(scan.quality === undefined ? {} : { quality: scan.quality }),
  ...(scan.notes === undefined ? {} : { notes: scan.notes }),
  ...(scan.force === true && scan.reason !== undefined ? { reason: scan.reason } : {}),
  ...(evidence === undefined ? {} : { reads: evidence.reads }),
  ...(evidence?.peakRssiDbm == null ? {} : { peakRssiDbm: evidence.peakRssiDbm }),
});

/** Place and last scan move only forward: an older scan may change the status it is newer than, never where the item is now. */
const seenSet = (item: Item, heard: HeardScan, timing: Timing): ItemSet => {
  const { scan, origin } = heard;
  if (item.lastScan !== null && timing.atMs < Date.parse(item.lastScan.scannedAt)) return {};
  const place = scan.place ?? item.place;
  return {
    ...(place === item.place ? {} : { place }),
    lastScan: {
      id: scan.id,
      type: scan.type,
      scannedAt: timing.at,
      place: scan.place ?? null,
      by: origin.by,
    },
  };
};

type Sighting = {
  readonly outcome: "accepted" | "rejected";
  readonly code?: ReceiptCode;
  readonly flags: readonly Flag[];
  readonly set: ItemSet;
};

const sighted = (item: Item, heard: HeardScan, timing: Timing, sighting: Sighting): Decision => {
  const { outcome, code, flags, set } = sighting;
  const said = saidBy(heard, item.tag, timing, {
    type: ItemSighted.type,
    data: changeBody(item, set, {
      outcome,
      flags: [...flags],
      scan: scanFacts(heard, timing),
      ...(code === undefined ? {} : { code }),
    }),
  });
  return { outcome, flags, said, item: withSet(item, set), ...(code === undefined ? {} : { code }) };
};

type Refusal = Extract<
  ReceiptCode,
  "transition_refused" | "contract_required" | "status_required" | "force_reason_required"
>;

const refused = (item: Item, heard: HeardScan, timing: Timing, code: Refusal): Decision => ({
  ...sighted(item, heard, timing, { outcome: "rejected", code, flags: timing.flags, set: {} }),
  message:
    code === "transition_refused"
      ? `${heard.scan.type} of an item that is ${item.status}`
      : faultCatalogue[code].advice,
});

const targetOf = (to: ItemStatus | "status" | "condition", scan: Scan): ItemStatus => {
  if (to === "condition") return statusAfterReturn(scan.condition);
  return to === "status" ? (scan.status ?? "ready") : to;
};

const moved = (
  item: Item,
  heard: HeardScan,
  timing: Timing,
  move: { to: ItemStatus; flags: readonly Flag[] },
): Decision => {
  const { scan } = heard;
  const flags = [...move.flags, ...timing.flags];
  const contract = outOnContract.has(move.to) ? (scan.contract ?? item.contract) : null;
  const set: ItemSet = {
    ...(move.to === item.status ? {} : { status: move.to }),
    ...(contract === item.contract ? {} : { contract }),
    ...(scan.quality === undefined || scan.quality === item.quality ? {} : { quality: scan.quality }),
    ...seenSet(item, heard, timing),
    lastFactAt: timing.at,
  };
  const code = codeOf(flags);
  const data = changeBody(item, set, {
    outcome: "accepted",
    flags,
    scan: scanFacts(heard, timing),
    ...(code === undefined ? {} : { code }),
  });
  // A return belongs to the rental it ends, whatever the scan did or did not name.
  const about = contract ?? item.contract;
  const said = saidBy(heard, item.tag, timing, { type: eventOf[scan.type], data, contract: about });
  return {
    outcome: "accepted",
    flags,
    said,
    item: withSet(item, set),
    ...(code === undefined ? {} : { code }),
  };
};

/** The flags and the status of a transition, or why it is not one. */
const resolve = (
  item: Item,
  scan: Scan,
  transition: Transition,
): { to: ItemStatus; flags: readonly Flag[] } | "already" | Refusal => {
  switch (transition.kind) {
    case "move": {
      const to = targetOf(transition.to, scan);
      const same = scan.type === "service" && to === item.status && item.status !== "ready";
      // A delivery of what is out on another contract says that the first return was missed.
      const other = scan.type === "delivery" && item.status === "on_rent" && item.contract !== scan.contract;
      return same
        ? "already"
        : { to, flags: [...(transition.flags ?? []), ...(other ? ["return_not_recorded" as const] : [])] };
    }
    case "move_unless_same_contract":
      return item.contract === scan.contract
        ? "already"
        : { to: transition.to, flags: transition.flags ?? [] };
    case "force":
      if (scan.force !== true) return "transition_refused";
      return (scan.reason ?? "").trim() === ""
        ? "force_reason_required"
        : { to: transition.to, flags: ["forced"] };
    case "already":
      return "already";
    default:
      return "transition_refused";
  }
};

/**
 * Decides one scan of a known item.
 *
 *   older than the item's last fact ──► history only: in the timeline, state unchanged
 *   contract or status missing ───────► rejected, and a sighting
 *   otherwise ────────────────────────► as the transition table says
 */
export const decideScan = (item: Item, heard: HeardScan): Decision => {
  const { scan } = heard;
  const base = timingOf(heard);
  const timing =
    heard.fromQuarantine === true ? { ...base, flags: [...base.flags, "from_quarantine" as const] } : base;
  if (item.lastFactAt !== null && timing.atMs < Date.parse(item.lastFactAt)) {
    const flags: Flag[] = [...timing.flags, "late_history_only"];
    const code = codeOf(flags);
    return sighted(item, heard, timing, {
      outcome: "accepted",
      flags,
      set: {},
      ...(code === undefined ? {} : { code }),
    });
  }
  if (needsContract.has(scan.type) && scan.contract === undefined)
    return refused(item, heard, timing, "contract_required");
  if (scan.type === "service" && scan.status === undefined)
    return refused(item, heard, timing, "status_required");

  const transition = transitions[item.status][scan.type];
  if (transition.kind === "sight") {
    const code = codeOf(timing.flags);
    return sighted(item, heard, timing, {
      outcome: "accepted",
      flags: [...(transition.flags ?? []), ...timing.flags],
      set: seenSet(item, heard, timing),
      ...(code === undefined ? {} : { code }),
    });
  }
  const resolved = resolve(item, scan, transition);
  if (resolved === "already") return { outcome: "already_applied", flags: timing.flags, item };
  if (typeof resolved === "string") return refused(item, heard, timing, resolved);
  return moved(item, heard, timing, resolved);
};

/** A scan of a tag that no item carries: kept, listed, and decided when the tag is commissioned. */
export const quarantine = (tag: string, heard: HeardScan): Decision => {
  const timing = timingOf(heard);
  return {
    outcome: "quarantined",
    code: "tag_unknown",
    flags: timing.flags,
    said: saidBy(heard, tag, timing, {
      type: ScanQuarantined.type,
      data: { scan: heard.scan, code: "tag_unknown" },
    }),
  };
};
