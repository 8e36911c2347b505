import {
  type ContractMove,
  type Flag,
  faultCatalogue,
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
  type ScanType,
} from "@tagwire/messages";
import { statusAfterReturn } from "./condition.ts";
import { goesOut, isBack, lateReturn, movesBetween, settledMoves, wentOutAs } from "./contract-moves.ts";
import { changeBody, type Decision, isOlder, type Said, withSet } from "./decision.ts";
import { type HeardScan, type Timing, timingOf } from "./heard-scan.ts";
import { type LateRental, lateRental, pastInTime } from "./late-rental.ts";
import {
  type ContractsKnown,
  contractTakes,
  needsContract,
  noContracts,
  withRealContract,
} from "./scan-contract.ts";
import { conditionSet, confirmedSet, foundSet, outOnContract, qualitySet, seenSet } from "./scan-set.ts";
import { workSet } from "./service-work.ts";
import { type Transition, transitions } from "./transition.ts";

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

const codesInOrder = [
  "late_history_only",
  "future_scan",
  "backdated",
  "contract_unknown",
  "other_contract",
  "class_not_on_contract",
] as const;

/** That a scan changed nothing says more than why its clock is odd, so it comes first. */
const codeOf = (flags: readonly Flag[]): ReceiptCode | undefined =>
  codesInOrder.find((code) => flags.includes(code));

export const saidBy = (
  heard: HeardScan,
  tag: string | undefined,
  timing: Timing,
  rest: Pick<Said, "type" | "data"> & { contract?: string | null },
): Said => {
  const { scan, origin, countedBy } = heard;
  const contract = rest.contract ?? scan.contract;
  return {
    type: rest.type,
    data: countedBy === undefined ? rest.data : { ...rest.data, countedBy },
    ...(tag === undefined ? {} : { tag }),
    scanId: scan.id,
    scannedAt: timing.at,
    ...origin,
    ...(contract === undefined || contract === null ? {} : { contract }),
    ...(scan.session === undefined ? {} : { session: scan.session }),
  };
};

const scanFacts = ({ scan, evidence }: HeardScan, timing: Timing, about: string | null = null) => ({
  type: scan.type,
  // Of a return it matters whether somebody named the contract, also where that is the one it ended.
  ...(scan.contract === undefined || about === null || (scan.contract === about && !isBack.has(scan.type))
    ? {}
    : { contract: scan.contract }),
  ...(scan.place === undefined ? {} : { place: scan.place }),
  ...(scan.scannedAt === timing.at ? {} : { deviceTime: scan.scannedAt }),
  ...(scan.condition === undefined ? {} : { condition: scan.condition }),
  ...(scan.quality === undefined ? {} : { quality: scan.quality }),
  ...(scan.notes === undefined ? {} : { notes: scan.notes }),
  ...(scan.technician === undefined ? {} : { technician: scan.technician }),
  ...(scan.done === undefined ? {} : { done: scan.done }),
  ...(scan.force === true && scan.reason !== undefined ? { reason: scan.reason } : {}),
  ...(evidence === undefined ? {} : { reads: evidence.reads }),
  ...(evidence?.peakRssiDbm == null ? {} : { peakRssiDbm: evidence.peakRssiDbm }),
  ...(evidence?.firstHeardAt === undefined ? {} : { firstHeardAt: evidence.firstHeardAt }),
  ...(evidence?.stray === undefined ? {} : { stray: evidence.stray }),
  ...(evidence?.station === undefined ? {} : { station: evidence.station.id }),
  ...(evidence?.tid === undefined ? {} : { tid: evidence.tid }),
});

type Sighting = {
  readonly outcome: "accepted" | "already_applied" | "rejected";
  readonly code?: ReceiptCode;
  readonly flags: readonly Flag[];
  readonly set: ItemSet;
  readonly moves?: readonly ContractMove[];
};

const sighted = (item: Item, heard: HeardScan, timing: Timing, sighting: Sighting): Decision => {
  const { outcome, code, flags, set, moves = [] } = sighting;
  // A return that comes late may end another rental than the one it names: both are told.
  const about = moves[0]?.contract ?? null;
  const said = saidBy(heard, item.tag, timing, {
    type: ItemSighted.type,
    contract: about,
    data: changeBody(item, set, {
      outcome,
      flags: [...flags],
      scan: scanFacts(heard, timing, about),
      moves: [...moves],
      ...(code === undefined ? {} : { code }),
    }),
  });
  return { outcome, flags, said, item: withSet(item, set), ...(code === undefined ? {} : { code }) };
};

type Refusal = {
  readonly code:
    | "transition_refused"
    | "contract_required"
    | "contract_closed"
    | "status_required"
    | "session_closed"
    | "id_reused";
  readonly message: string;
};

const refused = (item: Item, heard: HeardScan, timing: Timing, { code, message }: Refusal): Decision => ({
  ...sighted(item, heard, timing, { outcome: "rejected", code, flags: timing.flags, set: {} }),
  message,
});

const transitionRefused = (item: Item, scan: Scan, why = ""): Refusal => ({
  code: "transition_refused",
  message: `${scan.type} of an item that is ${item.status}${why}`,
});

/** What a scan lacks without which it means nothing, whatever the item's status. */
const lackOf = (scan: Scan): Refusal | undefined => {
  if (needsContract.has(scan.type) && scan.contract === undefined)
    return { code: "contract_required", message: faultCatalogue.contract_required.advice };
  if (scan.type === "service" && scan.status === undefined)
    return { code: "status_required", message: faultCatalogue.status_required.advice };
  return undefined;
};

/** Whether a scan that states what is so already tells something else besides: how the item looks, who worked on it, or of another contract. */
export const saysMore = (
  item: Item,
  { condition, quality, notes, contract, technician, done = [] }: Scan,
): boolean =>
  Object.values(condition ?? {}).some((found) => found !== null) ||
  (quality !== undefined && quality !== item.quality) ||
  (notes ?? "").trim() !== "" ||
  technician !== undefined ||
  done.length > 0 ||
  (item.contract !== null && contract !== undefined && contract !== item.contract);

const targetOf = (to: ItemStatus | "status" | "condition", scan: Scan): ItemStatus => {
  if (to === "condition") return statusAfterReturn(scan.condition);
  return to === "status" ? (scan.status ?? "ready") : to;
};

/** What a scan sets that leaves the status as it is: when and where the thing was seen, and what it found besides the item keeps too. */
const sightedSet = (item: Item, heard: HeardScan, timing: Timing): ItemSet =>
  saysMore(item, heard.scan) ? foundSet(item, heard, timing) : seenSet(item, heard, timing);

/** The status stays, and is so at the instant of the scan too. That the thing was there is told like any sighting. */
const alreadyApplied = (
  item: Item,
  heard: HeardScan,
  timing: Timing,
  settled: readonly ContractMove[],
): Decision => {
  const outcome = "already_applied";
  const seen = settled.length > 0 ? foundSet(item, heard, timing) : sightedSet(item, heard, timing);
  const set = { ...seen, ...confirmedSet(item, heard.scan, timing) };
  return sighted(item, heard, timing, { outcome, flags: timing.flags, set, moves: settled });
};

const moved = (
  item: Item,
  heard: HeardScan,
  timing: Timing,
  move: { to: ItemStatus; flags: readonly Flag[]; settled: readonly ContractMove[]; wentAs: string },
): Decision => {
  const { scan } = heard;
  const { settled, wentAs } = move;
  const flags = [...move.flags, ...timing.flags];
  const isReturn = isBack.has(scan.type);
  const contract = outOnContract.has(move.to) ? (scan.contract ?? item.contract) : null;
  const set: ItemSet = {
    ...(move.to === item.status ? {} : { status: move.to }),
    ...(contract === item.contract ? {} : { contract }),
    ...qualitySet(item, heard, timing),
    ...seenSet(item, heard, timing),
    ...conditionSet(item, scan, move.to),
    ...workSet(item, heard, { to: move.to, at: timing.at }),
    lastFactAt: timing.at,
  };
  const code = codeOf(flags);
  // A return belongs to the rental it ends, whatever the scan did or did not name.
  const about = contract ?? item.contract;
  const data = changeBody(item, set, {
    outcome: "accepted",
    flags,
    scan: scanFacts(heard, timing, about),
    moves: [...movesBetween(item, withSet(item, set), { isReturn, at: timing.at, wentAs }), ...settled],
    ...(code === undefined ? {} : { code }),
  });
  const said = saidBy(heard, item.tag, timing, { type: eventOf[scan.type], data, contract: about });
  return {
    outcome: "accepted",
    flags,
    said,
    item: withSet(item, set),
    ...(code === undefined ? {} : { code }),
  };
};

/** The status that a transition leads to, with its flags, or why it does not lead anywhere. */
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
      if (scan.force !== true) return transitionRefused(item, scan);
      return (scan.reason ?? "").trim() === ""
        ? transitionRefused(item, scan, ": who forces it says why")
        : { to: transition.to, flags: ["forced"] };
    case "already":
      return "already";
    default:
      return transitionRefused(item, scan);
  }
};

/** What a scan that came too late to change its item still says of contracts. */
const lateTelling = (item: Item, scan: Scan, at: string, contracts: ContractsKnown): LateRental => {
  const { type, contract } = scan;
  if (goesOut.has(type) && contract !== undefined) return lateRental(item, { contract, at }, contracts);
  if (!isBack.has(type)) return { moves: [], flags: [] };
  const past = pastInTime(item.tag, contracts);
  const numbers = [contract, ...past.map((one) => one.contract)].filter((number) => number !== undefined);
  const members = contracts.standings(item.tag, numbers);
  return { moves: lateReturn(item, { contract, at }, { members, past }), flags: [] };
};

/** In the timeline, and on the record of contracts it still speaks of; the item stays as it is. */
const historyOnly = (item: Item, heard: HeardScan, timing: Timing, contracts: ContractsKnown): Decision => {
  const { scan } = heard;
  // Whoever sold it, a rule above all, took the newest scan that was known for the last.
  const isNews = item.status === "sold" && !isOlder(timing.atMs, item.lastScan?.scannedAt);
  const told = lateTelling(item, scan, timing.at, contracts);
  const flags: Flag[] = [
    ...timing.flags,
    "late_history_only",
    ...(isNews ? (["scanned_before_sale"] as const) : []),
    ...told.flags,
  ];
  const code = codeOf(flags);
  return sighted(item, heard, timing, {
    outcome: "accepted",
    flags,
    set: {},
    moves: told.moves,
    ...(code === undefined ? {} : { code }),
  });
};

/** A scan that was made after its session was closed: whoever made it did not know, and makes it again in another. */
export const refuseAfterClose = (item: Item, heard: HeardScan): Decision =>
  refused(item, heard, timingOf(heard), {
    code: "session_closed",
    message: faultCatalogue.session_closed.advice,
  });

/** Another scan came under its id before: which of the two was meant to have it nobody can tell. It is none of its session's tags. */
export const refuseReused = (item: Item, heard: HeardScan): Decision => {
  const { session: _session, ...scan } = heard.scan;
  return refused(item, { ...heard, scan }, timingOf(heard), {
    code: "id_reused",
    message: faultCatalogue.id_reused.advice,
  });
};

/** Evidence, and no more: in the timeline, and the item stays as it is. */
const strayed = (item: Item, heard: HeardScan, timing: Timing): Decision => {
  const code = codeOf(timing.flags);
  const flags: Flag[] = ["stray", ...timing.flags];
  const told = { outcome: "accepted", flags, set: {} } as const;
  return sighted(item, heard, timing, { ...told, ...(code === undefined ? {} : { code }) });
};

/** What is odd about the contract that a return names: it ends the open rental all the same, since the thing is here. */
const returnFlags = (item: Item, { type, contract }: Scan, contracts: ContractsKnown): Flag[] => {
  if (!isBack.has(type) || contract === undefined || contract === item.contract) return [];
  if (contracts.contract(contract) === undefined) return ["contract_unknown"];
  return item.contract === null ? [] : ["other_contract"];
};

/**
 * Decides one scan of a known item.
 *
 *   older than the item's last fact ──► history only: in the timeline, state unchanged
 *   contract or status missing ───────► rejected, and a sighting; so is one on a contract that takes nothing more
 *   otherwise ────────────────────────► as the transition table says
 */
export const decideScan = (
  item: Item,
  given: HeardScan,
  contracts: ContractsKnown = noContracts,
): Decision => {
  const heard = { ...given, scan: withRealContract(given.scan, contracts) };
  const { scan } = heard;
  const base = timingOf(heard);
  const timing =
    heard.fromQuarantine === true ? { ...base, flags: [...base.flags, "from_quarantine" as const] } : base;
  if (isOlder(timing.atMs, item.lastFactAt)) return historyOnly(item, heard, timing, contracts);
  // What a reader only overheard says nothing of where the thing is, nor that it is found.
  if (heard.evidence?.stray !== undefined) return strayed(item, heard, timing);
  const lack = lackOf(scan);
  if (lack !== undefined) return refused(item, heard, timing, lack);

  const transition = transitions[item.status][scan.type];
  if (transition.kind === "sight") {
    const code = codeOf(timing.flags);
    return sighted(item, heard, timing, {
      outcome: "accepted",
      flags: [...(transition.flags ?? []), ...timing.flags],
      set: sightedSet(item, heard, timing),
      ...(code === undefined ? {} : { code }),
    });
  }
  const resolved = resolve(item, scan, transition);
  const settled = settledMoves(item, scan, timing.at, contracts);
  if (resolved === "already") return alreadyApplied(item, heard, timing, settled);
  if ("code" in resolved) return refused(item, heard, timing, resolved);
  const taken = contractTakes(item, scan, contracts, timing.atMs);
  if (taken.kind === "refuses")
    return refused(item, heard, timing, { code: "contract_closed", message: taken.why });
  return moved(item, heard, timing, {
    to: resolved.to,
    flags: [...resolved.flags, ...taken.flags, ...returnFlags(item, scan, contracts)],
    settled,
    wentAs: wentOutAs(item, contracts),
  });
};
