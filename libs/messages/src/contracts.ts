import Type, { type Static } from "typebox";
import { ClientId, Instant, storableText, visibleText } from "./ids.ts";
import { ClassName, ContractNumber } from "./items.ts";
import { Trips } from "./trips.ts";

export const contractKinds = ["rental", "laundry", "manual"] as const;
export type ContractKind = (typeof contractKinds)[number];
export const ContractKind = Type.Enum(contractKinds, { description: "kind of contract" });

/**
 *   open ──close──► closed ──reopen──► open
 *   laundry: open ──finalize──► finalized ──returned──► returned ──reactivate──► open
 *   manual:  open ──merge──► merged, for good: its items and lots are those of the real number from then on
 */
export const contractStates = ["open", "finalized", "returned", "closed", "merged"] as const;
export type ContractState = (typeof contractStates)[number];

/** What a number says of its contract when nobody has said more: the office writes laundry as `L…`, and the floor `M-…` by hand. */
export const kindOfNumber = (number: string): ContractKind => {
  if (/^M-/i.test(number)) return "manual";
  return /^L/i.test(number) ? "laundry" : "rental";
};

export const contractLinesMax = 500;
export const ContractLine = Type.Object(
  { class: ClassName, quantity: Type.Integer({ minimum: 1, maximum: 1_000_000 }) },
  { additionalProperties: false },
);
export type ContractLine = Static<typeof ContractLine>;
const ContractLines = Type.Array(ContractLine, { maxItems: contractLinesMax });

const ClientName = Type.String({ minLength: 1, maxLength: 200, pattern: visibleText });
const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const OpenContract = Type.Object(
  {
    number: ContractNumber,
    kind: Type.Optional(ContractKind),
    client: Type.Optional(ClientName),
    outAt: Type.Optional(Instant),
    dueAt: Type.Optional(Instant),
    lines: Type.Optional(ContractLines),
  },
  { additionalProperties: false },
);
export type OpenContract = Static<typeof OpenContract>;

export const AmendContract = Type.Object(
  {
    client: Type.Optional(nullable(ClientName)),
    outAt: Type.Optional(nullable(Instant)),
    dueAt: Type.Optional(nullable(Instant)),
    lines: Type.Optional(ContractLines),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type AmendContract = Static<typeof AmendContract>;

/** What a person may do to a contract as a whole. */
export const contractActs = ["close", "reopen", "finalize", "returned", "reactivate"] as const;
export type ContractAct = (typeof contractActs)[number];

export const MergeContract = Type.Object({ into: ContractNumber }, { additionalProperties: false });
export type MergeContract = Static<typeof MergeContract>;

export const lotActions = ["added", "removed"] as const;
export const LotName = Type.String({ minLength: 1, maxLength: 120, pattern: visibleText });
export const RecordLot = Type.Object(
  {
    id: ClientId,
    name: LotName,
    quantity: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    action: Type.Enum(lotActions),
    surplus: Type.Optional(
      Type.Boolean({
        description:
          "laundry at the cleaner or back from it: more may come off than was counted, and what is more is kept as such",
      }),
    ),
    notes: Type.Optional(Type.String({ maxLength: 500, pattern: storableText })),
  },
  { additionalProperties: false },
);
export type RecordLot = Static<typeof RecordLot>;

/** Where an item stands on a contract: of its own record, whatever became of the item elsewhere. */
export const memberStates = ["staged", "out", "returned", "not_recorded"] as const;
export type MemberState = (typeof memberStates)[number];

/** An item on a contract. `not_recorded`: it went out and turned up elsewhere without a return. */
export const ContractMember = Type.Object({
  contract: Type.String(),
  tag: Type.String(),
  class: Type.String(),
  state: Type.Enum(memberStates),
  outAt: nullable(Instant),
  backAt: nullable(Instant),
  pos: Type.Integer(),
});
export type ContractMember = Static<typeof ContractMember>;

/** How many items of a class stand where on a contract. */
export const MemberCounts = Type.Object({
  staged: Type.Integer(),
  out: Type.Integer(),
  returned: Type.Integer(),
  notRecorded: Type.Integer(),
});
export type MemberCounts = Static<typeof MemberCounts>;
export const noMembers: MemberCounts = { staged: 0, out: 0, returned: 0, notRecorded: 0 };

/** A member of a record whose keys people make up: a class may be called `constructor`. */
export const ownOf = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/**
 * `sent` is the balance when the contract was finalized; null before. `surplus` is what came back beyond all that was counted: it
 * is no part of `removed`, so that the balance is what is still on the contract.
 */
export const Lot = Type.Object({
  added: Type.Integer(),
  removed: Type.Integer(),
  sent: nullable(Type.Integer()),
  surplus: Type.Optional(Type.Integer()),
});
export type Lot = Static<typeof Lot>;

/**
 * What is known of a contract, the same in operations and in every projection. `stated` is false while only scans have named it.
 * `counts` are by class, `lots` by name.
 */
export const Contract = Type.Object({
  number: Type.String(),
  kind: ContractKind,
  client: nullable(Type.String()),
  outAt: nullable(Instant),
  dueAt: nullable(Instant),
  state: Type.Enum(contractStates),
  stated: Type.Boolean(),
  lines: Type.Array(Type.Object({ class: Type.String(), quantity: Type.Integer() })),
  counts: Type.Record(Type.String(), MemberCounts),
  lots: Type.Record(Type.String(), Lot),
  mergedInto: nullable(Type.String()),
  mergedFrom: Type.Array(Type.String()),
  openedAt: Instant,
  stateAt: Instant,
  firstOutAt: nullable(Instant),
  /** The newest return that was ever told of it: it stays where that one turns out to be of another contract, or is taken back. */
  lastBackAt: nullable(Instant),
  /** How it is brought and fetched; a leg of which nobody stated anything is absent. */
  trips: Type.Optional(Trips),
  version: Type.Integer(),
  pos: Type.Integer(),
});
export type Contract = Static<typeof Contract>;

/**
 * How far a contract is. `partial_in`: some of what left is out no more. `none_out`: nothing of it is, but not all of it was scanned in:
 * the rest turned up elsewhere without a return.
 */
export const contractProgresses = [
  "empty",
  "ready",
  "partial_out",
  "all_out",
  "partial_in",
  "none_out",
  "all_returned",
] as const;
export type ContractProgress = (typeof contractProgresses)[number];

/**
 * A line of a contract as people read it. `out` counts the different items that left, `returned` those of them that came back,
 * `stillOut` those that have not; `extra` is what left beyond what the line expects.
 */
export const ContractLineView = Type.Object({
  class: Type.String(),
  quantity: Type.Integer(),
  expected: Type.Integer(),
  staged: Type.Integer(),
  out: Type.Integer(),
  returned: Type.Integer(),
  stillOut: Type.Integer(),
  notRecorded: Type.Integer(),
  extra: Type.Integer(),
});
export type ContractLineView = Static<typeof ContractLineView>;

export const LotView = Type.Object({
  name: Type.String(),
  added: Type.Integer(),
  removed: Type.Integer(),
  balance: Type.Integer(),
  sent: nullable(Type.Integer()),
  surplus: Type.Integer({ description: "what came back beyond all that was counted" }),
});
export type LotView = Static<typeof LotView>;

export const ContractView = Type.Object({
  ...Type.Omit(Contract, ["lines", "counts", "lots"]).properties,
  progress: Type.Enum(contractProgresses),
  lines: Type.Array(ContractLineView),
  lots: Type.Array(LotView),
});
export type ContractView = Static<typeof ContractView>;

const lineView = (
  name: string,
  quantity: number,
  counts: MemberCounts,
  isOpenEnded: boolean,
): ContractLineView => {
  const out = counts.out + counts.returned + counts.notRecorded;
  return {
    class: name,
    quantity,
    expected: quantity,
    staged: counts.staged,
    out,
    returned: counts.returned,
    stillOut: counts.out,
    notRecorded: counts.notRecorded,
    extra: isOpenEnded ? 0 : Math.max(0, out - quantity),
  };
};

const sum = (lines: readonly ContractLineView[], of: (line: ContractLineView) => number): number =>
  lines.reduce((total, line) => total + of(line), 0);

/**
 * How much of a lot has left, and how much of that came back. Laundry leaves when its contract is finalized, and what is counted
 * before that only waits; on any other contract goods are counted when they are handed over and when they come back.
 */
const wayOfLot = (kind: ContractKind, { added, balance, sent }: LotView) => {
  if (kind !== "laundry") return { out: added, returned: added - balance };
  if (sent === null) return { out: 0, returned: 0 };
  const out = Math.max(sent, balance);
  return { out, returned: out - balance };
};

/** Hand-counted goods that left with a contract and have not come back. */
export const lotsStillOut = ({ kind, lots }: Pick<ContractView, "kind" | "lots">): number =>
  lots.reduce((total, lot) => {
    const { out, returned } = wayOfLot(kind, lot);
    return total + out - returned;
  }, 0);

/** Matches count, not scans: extras of one class do not stand for what another one lacks. Goods without tags count as things do. */
const progressOf = (
  kind: ContractKind,
  lines: readonly ContractLineView[],
  lots: readonly LotView[],
): ContractProgress => {
  const ways = lots.map((lot) => wayOfLot(kind, lot));
  const out = ways.reduce((total, way) => total + way.out, 0) + sum(lines, (line) => line.out);
  const returned = ways.reduce((total, way) => total + way.returned, 0) + sum(lines, (line) => line.returned);
  const notRecorded = sum(lines, (line) => line.notRecorded);
  const lacking = sum(lines, ({ expected, out: left }) => Math.max(0, expected - left));
  const isEmpty = lines.length === 0 && lots.every(({ balance }) => balance === 0);
  if (out === 0) return isEmpty ? "empty" : "ready";
  // What has still to leave is going out, whatever became of what left before it.
  if (returned === 0 && lacking > 0) return "partial_out";
  if (notRecorded > 0 && returned + notRecorded === out) return "none_out";
  if (returned + notRecorded > 0) return returned === out && lacking === 0 ? "all_returned" : "partial_in";
  return "all_out";
};

const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/** A contract as people read it: the lines as they were ordered, then the classes that nobody ordered, by name. */
export const contractView = ({ lines, counts, lots, ...rest }: Contract): ContractView => {
  // Where nobody has stated what was ordered, nothing is more than that.
  const isOpenEnded = lines.length === 0;
  const ordered = lines.map(({ class: name, quantity }) =>
    lineView(name, quantity, ownOf(counts, name) ?? noMembers, isOpenEnded),
  );
  const named = new Set(lines.map(({ class: name }) => name));
  const others = Object.entries(counts)
    .filter(
      ([name, { staged, out, returned, notRecorded }]) =>
        !named.has(name) && staged + out + returned + notRecorded > 0,
    )
    .sort(([left], [right]) => byText(left, right))
    .map(([name, own]) => lineView(name, 0, own, isOpenEnded));
  const views = [...ordered, ...others];
  const counted = Object.entries(lots)
    .sort(([left], [right]) => byText(left, right))
    .map(([name, { added, removed, sent, surplus = 0 }]) => ({
      ...{ name, added, removed, balance: added - removed, sent, surplus },
    }));
  return { ...rest, progress: progressOf(rest.kind, views, counted), lines: views, lots: counted };
};
