import Type, { type Static, type TSchema } from "typebox";
import { LoggedEvent } from "./events.ts";
import { HeardReads } from "./heard-reads.ts";
import { SiteId } from "./ids.ts";
import { question } from "./question.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * What the log alone can tell the whole life of. An item with where it stands on contracts; a contract with its counts and lots; a session
 * with all its tags; a class.
 */
export const refoldedEntities = ["item", "contract", "session", "class"] as const;
export type RefoldedEntity = (typeof refoldedEntities)[number];

/** So many things are folded again for one question. */
export const refoldedPerQuestionMax = 500;

const Row = nullable(Type.Record(Type.String(), Type.Unknown()));

/** What the events of a thing come to, beside its row. */
export const AskRefold = question({
  service: "operations",
  name: "refold",
  question: Type.Object({ site: SiteId, entity: Type.Enum(refoldedEntities), key: Type.String() }),
  answer: Type.Object({
    isSame: Type.Boolean(),
    /** Its life is too long to be folded again, so that nothing is known of it; `isSame` says nothing then. */
    isTooLong: Type.Optional(Type.Boolean()),
    fields: Type.Array(Type.String({ description: "in which both say something else" })),
    row: Row,
    folded: Row,
    events: Type.Array(Type.Record(Type.String(), Type.Unknown())),
    /** What readers heard of the thing last, newest first. */
    reads: Type.Array(HeardReads),
    /** How far the clocks of the devices behind these events are ahead, in ms, as measured; null for one that was never measured. */
    clocks: Type.Record(Type.String(), nullable(Type.Integer())),
  }),
});
export type Refold = Static<typeof AskRefold.answer>;

/** Folds the lives of the next few things again, and gives the keys of those that are something else than their events. */
export const AskRefolds = question({
  service: "operations",
  name: "refolds",
  question: Type.Object({
    site: SiteId,
    entity: Type.Enum(refoldedEntities),
    /** The key after which to go on; null for the first one. */
    after: nullable(Type.String()),
    limit: Type.Integer({ minimum: 1, maximum: refoldedPerQuestionMax }),
  }),
  answer: Type.Object({
    checked: Type.Integer(),
    /** The key after which there are more; null at the end. */
    next: nullable(Type.String()),
    differ: Type.Array(Type.String()),
    /** Those whose lives are too long to be folded again: nothing is known of them. */
    tooLong: Type.Optional(Type.Array(Type.String())),
  }),
});

/** By what the log is asked for whole lives. */
export const livedEntities = ["item", "session"] as const;
export type LivedEntity = (typeof livedEntities)[number];

/** What the log tells of some tags or sessions up to a position, for whoever folds it by rules of his own. */
export const AskLives = question({
  service: "operations",
  name: "lives",
  question: Type.Object({
    site: SiteId,
    entity: Type.Enum(livedEntities),
    keys: Type.Array(Type.String(), { maxItems: refoldedPerQuestionMax }),
    until: Type.Object({ epoch: Type.Integer(), pos: Type.Integer() }),
    /** Of the first key only what follows this position: how a life is read that is too long for one answer. */
    after: Type.Optional(Type.Object({ epoch: Type.Integer(), pos: Type.Integer() })),
  }),
  answer: Type.Object({
    /** The first of the keys, as many as fit into an answer; whoever asked for more goes on after them. */
    told: Type.Integer({ minimum: 0 }),
    /** Those of them whose lives are too long for one answer. */
    skipped: Type.Array(Type.String()),
    events: Type.Array(LoggedEvent),
    /** Where `after` was asked for: the position after which there is more of the life; null at its end. */
    next: Type.Optional(nullable(Type.Object({ epoch: Type.Integer(), pos: Type.Integer() }))),
  }),
});

/** What the manager keeps for its boards of what both sides keep, and scans that wait by their tags. */
export const boardEntities = ["item", "contract", "session", "waiting"] as const;
export type BoardEntity = (typeof boardEntities)[number];

/** So many rows of boards that are something else than their events are told in one answer. */
export const boardRowsToldMax = 100;

/**
 * Folds again what the manager's boards show of the next few things: since when an item is what it is, when a session was last active.
 * Nothing on the other side could be compared with that; its events can.
 */
export const AskBoardRefolds = question({
  service: "manager",
  name: "board-refolds",
  question: Type.Object({
    site: SiteId,
    entity: Type.Enum(boardEntities),
    /** The key after which to go on; null for the first one. */
    after: nullable(Type.String()),
    limit: Type.Integer({ minimum: 1, maximum: refoldedPerQuestionMax }),
    /** These instead of the next ones. */
    keys: Type.Optional(Type.Array(Type.String(), { maxItems: refoldedPerQuestionMax })),
  }),
  answer: Type.Object({
    checked: Type.Integer(),
    next: nullable(Type.String()),
    differ: Type.Array(
      Type.Object({ key: Type.String(), fields: Type.Array(Type.String()), row: Row, folded: Row }),
    ),
    /** How many more differ than are told. */
    more: Type.Integer(),
    /** Those whose lives are too long to be folded again: nothing is known of them. */
    tooLong: Type.Optional(Type.Array(Type.String())),
  }),
});
