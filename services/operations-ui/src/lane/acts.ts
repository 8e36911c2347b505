import type { Scan } from "@tagwire/messages";
import type { Command } from "../outbox/command.ts";
import { type OddKind, oddKindOf } from "./kinds.ts";
import type { LaneAct } from "./work.ts";

/** What is known around the scan at this moment. */
export type Around = {
  /** The contract that the next scans are for, empty for none. */
  readonly contract: string;
  /** What was scanned here lately, most of it first. */
  readonly classes: readonly string[];
};

/** Who forces a scan says why: in the lane it was one press, and that is what is said. */
export const forcedReason = "looked at and sent on from the exception lane";
/** Why held scans were let go, for the log. */
export const letGoReason = "not one of ours: let go from the exception lane";
/** So many classes are offered for a tag that nobody knows: more would be a list to read. */
const classesOffered = 2;

const keep: LaneAct = { how: "keep" };
const again: LaneAct = { how: "scan", as: "again", differs: {} };
const isBack: LaneAct = { how: "scan", as: "return", differs: { type: "return" } };
const inService: ReadonlySet<string> = new Set(["inspect", "repair", "wash", "wet"]);
const isOut: ReadonlySet<string> = new Set(["on_rent", "delivered"]);

const takeBack = ({ receipt }: Command): readonly LaneAct[] =>
  receipt?.event === undefined ? [] : [{ how: "take_back", pos: receipt.event.pos }];

const ready = ({ receipt }: Command): readonly LaneAct[] =>
  receipt?.item === undefined ? [] : [{ how: "ready", version: receipt.item.version }];

const sendOn = ({ receipt }: Command): readonly LaneAct[] => {
  const status = receipt?.item?.status ?? "";
  if (isOut.has(status)) return [isBack];
  if (!inService.has(status)) return [again];
  return [{ how: "scan", as: "force", differs: { force: true, reason: forcedReason } }];
};

const stock = ({ classes }: Around): readonly LaneAct[] =>
  classes.slice(0, classesOffered).map((name) => ({ how: "stock", class: name }));

const onContract = ({ contract }: Around): readonly LaneAct[] =>
  contract.trim() === "" ? [] : [{ how: "scan", as: "contract", differs: { contract: contract.trim() } }];

/** No blanks: every kind has something to be done about it. */
const actsOf: Readonly<Record<OddKind, (command: Command, around: Around) => readonly LaneAct[]>> = {
  unknown_tag: (_, around) => [...stock(around), { how: "let_go" }, keep],
  extra: (command) => [keep, ...takeBack(command)],
  other_contract: (command) => [keep, ...takeBack(command)],
  while_out: () => [isBack, keep],
  ended: (command) => [...ready(command), keep],
  unlike_status: (command) => [...sendOn(command), keep],
  no_contract: (_, around) => [...onContract(around), keep],
  contract_closed: () => [again, keep],
  of_session: (command) => (command.receipt?.outcome === "rejected" ? [keep] : [keep, ...takeBack(command)]),
  unexpected: (command) => [keep, ...takeBack(command)],
  unrecorded: (command) => [keep, ...takeBack(command)],
  refused: () => [again, keep],
};

/** What can be done about an odd scan, the likeliest first; nothing where it is none. */
export const actsFor = (command: Command, around: Around): readonly LaneAct[] => {
  const kind = oddKindOf(command);
  return kind === undefined ? [] : actsOf[kind](command, around);
};

/** Two acts that mean the same, of two scans. */
export const actKey = (act: LaneAct): string => {
  switch (act.how) {
    case "scan":
      return `scan ${act.as} ${act.differs.contract ?? ""}`;
    case "stock":
      return `stock ${act.class}`;
    default:
      return act.how;
  }
};

/** The scan that an act makes of one that did not go straight. Another kind of scan is none of its session's. */
export const scanOfAct = (
  { payload }: Command,
  differs: Partial<Scan>,
  identity: Pick<Scan, "id" | "scannedAt">,
): Scan => {
  const { session, contract, seq: _, status, technician, done, ...scan } = payload;
  const isSameType = differs.type === undefined || differs.type === payload.type;
  // What comes back ends what it was out on, whichever that was.
  const kept = isSameType ? { session, contract, status, technician, done } : {};
  const there = Object.entries(kept).filter(([, value]) => value !== undefined);
  return { ...scan, ...Object.fromEntries(there), ...differs, ...identity };
};
