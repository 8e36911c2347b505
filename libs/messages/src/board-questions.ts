import Type, { type Static, type TSchema } from "typebox";
import { ContractRow, Day } from "./contract-board.ts";
import {
  ContractMember,
  ContractView,
  contractKinds,
  contractProgresses,
  contractStates,
} from "./contracts.ts";
import { ClassRow, DashboardTotals, ItemCounts } from "./dashboard.ts";
import { Instant, SiteId, storableText } from "./ids.ts";
import { ContractNumber, Item } from "./items.ts";
import { question } from "./question.ts";
import { SessionMode, SessionView, sessionStates } from "./sessions.ts";
import { StationId } from "./stations.ts";

/* What the manager answers of the boards it keeps. Every answer says which position and instant it is of. */

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const site = { site: SiteId };
/** What every list of a board is asked for by. */
export const boardPage = {
  limit: Type.Integer({ minimum: 1, maximum: 200 }),
  cursor: nullable(Type.String()),
};
const Text = Type.String({ minLength: 1, maxLength: 200, pattern: storableText });

/** The position that the figures are of, and when they were read. `known` is false for a site of which nothing was ever applied. */
const asOf = {
  known: Type.Boolean({ description: "false for a site of which nothing was ever applied" }),
  epoch: Type.Integer({ description: "epoch of the log that the figures are of" }),
  pos: Type.Integer({ description: "position of the log that the figures are of" }),
  asOf: Type.String({ description: "the instant that the figures are of, RFC 3339" }),
};
export const AsOf = Type.Object(asOf);
export type AsOf = Static<typeof AsOf>;

/** How many days ahead a board looks when nobody says: the floor prepares the next three. */
export const boardDaysDefault = 3;
export const boardDaysMax = 31;

/**
 * Parts of the contract board. `open`: more may go out; `out`: items are out; `due_out`, `due_in`: today or within the days asked
 * for; `late_out`, `overdue`: a day before today; `laundry`: laundry that has not been closed.
 */
export const contractBuckets = [
  "open",
  "out",
  "due_out",
  "late_out",
  "due_in",
  "overdue",
  "laundry",
] as const;
export type ContractBucket = (typeof contractBuckets)[number];

export const ContractBoardFilter = Type.Object({
  bucket: Type.Optional(
    Type.Enum(contractBuckets, {
      description:
        "open: more may go out; out: items are out; due_out, due_in: on `day`, or from today on for `days`; late_out, overdue: due before today; laundry: laundry that is not closed",
    }),
  ),
  day: Type.Optional(Day),
  days: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: boardDaysMax,
      default: boardDaysDefault,
      description: "days after today",
    }),
  ),
  kind: Type.Optional(Type.Enum(contractKinds)),
  state: Type.Optional(Type.Array(Type.Enum(contractStates))),
  progress: Type.Optional(Type.Array(Type.Enum(contractProgresses))),
  class: Type.Optional(Text),
  q: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      pattern: storableText,
      description: "part of a number or of a client's name",
    }),
  ),
});
export type ContractBoardFilter = Static<typeof ContractBoardFilter>;

const numberOf = <const K extends readonly string[]>(keys: K) => Type.Record(Type.Enum(keys), Type.Integer());

/** How many contracts are in each part of the board, whatever is filtered. States, kinds and progress are of contracts that are not over, or have items out. */
export const ContractBoardCounts = Type.Object({
  open: Type.Integer(),
  out: Type.Integer(),
  dueOut: Type.Integer({ description: "to go out today or within the days asked for" }),
  lateOut: Type.Integer({ description: "should have gone out before today" }),
  dueIn: Type.Integer({ description: "due back today or within the days asked for" }),
  overdue: Type.Integer({ description: "due back before today, with items still out" }),
  laundry: Type.Integer(),
  stillOutItems: Type.Integer(),
  byKind: numberOf(contractKinds),
  byState: numberOf(contractStates),
  byProgress: numberOf(contractProgresses),
  days: Type.Array(Type.Object({ day: Day, dueOut: Type.Integer(), dueIn: Type.Integer() }), {
    description: "today and the days after it",
  }),
});
export type ContractBoardCounts = Static<typeof ContractBoardCounts>;

/** The contract board: a page of contracts, and how many there are in each part. */
export const AskContractBoard = question({
  service: "manager",
  name: "contract-board",
  question: Type.Object({ ...site, ...boardPage, ...ContractBoardFilter.properties }),
  answer: Type.Object({
    ...asOf,
    timeZone: Type.String({ description: "the zone in which days begin" }),
    today: Day,
    counts: ContractBoardCounts,
    rows: Type.Array(ContractRow),
    next: nullable(Type.String()),
  }),
});

/**
 * A session on the board, and a row of the live view `sessions` with its id as the key. `activeAt` is when operations last recorded
 * something of it: no device's clock decides which session is the newest.
 */
export const SessionRow = Type.Object({
  ...SessionView.properties,
  activeAt: Type.String({ description: "when operations last recorded something of it" }),
});
export type SessionRow = Static<typeof SessionRow>;

/**
 * Parts of the session board. `incomplete`: closed, and the device says that it scanned more than was recorded; `late`: scans came
 * after it was closed; `idle`: open, and nothing was recorded of it for the minutes asked for.
 */
export const sessionBuckets = ["open", "unbegun", "idle", "incomplete", "late"] as const;
export type SessionBucket = (typeof sessionBuckets)[number];
export const idleMinutesDefault = 30;

export const SessionBoardFilter = Type.Object({
  bucket: Type.Optional(
    Type.Enum(sessionBuckets, {
      description:
        "open; unbegun: only its scans have arrived; idle: open without a scan for `idleMinutes`; incomplete: closed, but not everything that its device scanned has arrived; late: scans arrived after it was closed",
    }),
  ),
  idleMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_080, default: idleMinutesDefault })),
  mode: Type.Optional(SessionMode),
  state: Type.Optional(Type.Array(Type.Enum(sessionStates))),
  contract: Type.Optional(ContractNumber),
  station: Type.Optional(StationId),
  who: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: storableText,
      description: "a person or device that took part",
    }),
  ),
});
export type SessionBoardFilter = Static<typeof SessionBoardFilter>;

export const SessionBoardCounts = Type.Object({
  open: Type.Integer(),
  unbegun: Type.Integer(),
  idle: Type.Integer(),
  incomplete: Type.Integer(),
  late: Type.Integer(),
});
export type SessionBoardCounts = Static<typeof SessionBoardCounts>;

/** Session activity, the one that was active last first. The tags of a session are asked of operations. */
export const AskSessionBoard = question({
  service: "manager",
  name: "session-board",
  question: Type.Object({ ...site, ...boardPage, ...SessionBoardFilter.properties }),
  answer: Type.Object({
    ...asOf,
    counts: SessionBoardCounts,
    rows: Type.Array(SessionRow),
    next: nullable(Type.String()),
  }),
});

/* ---- the past ---- */

/** A moment of a site: an instant, or a position of its log. */
export const Moment = Type.Union([
  Instant,
  Type.String({ pattern: "^\\d{1,15}:\\d{1,15}$", description: "epoch:pos" }),
]);
export type Moment = Static<typeof Moment>;

/** The sum over the classes of a subcategory. What says no subcategory is together under null. */
export const SubcategoryCounts = Type.Object({
  subcategory: nullable(Type.String()),
  classes: Type.Array(Type.String(), { description: "its classes, by name" }),
  ...ItemCounts.properties,
});
export type SubcategoryCounts = Static<typeof SubcategoryCounts>;

/** The sum over the subcategories of a category. What says no category is together under null, which comes last. */
export const CategoryCounts = Type.Object({
  category: nullable(Type.String()),
  ...ItemCounts.properties,
  subcategories: Type.Array(SubcategoryCounts),
});
export type CategoryCounts = Static<typeof CategoryCounts>;

/**
 * How many items of each class there are, or were at a moment, and of each subcategory and category. What classes are called, and where
 * they belong, is always as of now.
 */
export const AskClassCounts = question({
  service: "manager",
  name: "class-counts",
  question: Type.Object({ ...site, at: Type.Optional(Moment) }),
  answer: Type.Object({
    ...asOf,
    totals: DashboardTotals,
    classes: Type.Array(ClassRow),
    tree: Type.Array(CategoryCounts, { description: "the same counts, summed by category and subcategory" }),
  }),
});

/** A contract as it was at a moment, with a page of its items; null when the log had not named it yet. */
export const AskContractAt = question({
  service: "manager",
  name: "contract-at",
  question: Type.Object({ ...site, ...boardPage, number: ContractNumber, at: Moment }),
  answer: Type.Object({
    ...asOf,
    contract: nullable(ContractView),
    members: Type.Array(ContractMember),
    next: nullable(Type.String()),
  }),
});

/** An item as it was at a moment; null when its tag was not commissioned yet. */
export const AskItemAt = question({
  service: "manager",
  name: "item-at",
  question: Type.Object({ ...site, tag: Type.String({ minLength: 1, maxLength: 1_024 }), at: Moment }),
  answer: Type.Object({ ...asOf, item: nullable(Item) }),
});
