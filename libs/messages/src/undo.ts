import Type, { type Static } from "typebox";
import { ClientId, visibleText } from "./ids.ts";

/** So many events or scans a list may name. */
export const undonePerRequestMax = 5_000;
/** A session may have more scans than a list: a count of a whole house of the size of the real one, and what was scanned twice. */
export const undonePerSessionMax = 15_000;

/** So many are taken back in one turn of their site; more, in more than one, so that others there do not wait for all of it. */
export const undonePerTurnMax = 500;

/** Why something was taken back, in the words of whoever did: it is kept with each compensating event. */
export const UndoReason = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: visibleText,
  description: "why, in a person's words; it stands in the life of each thing",
});

/** What is to be taken back: single events of the current epoch, the scans of a session, or scans by their ids. */
export const UndoEvents = Type.Object({
  events: Type.Optional(
    Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: undonePerRequestMax }),
  ),
  session: Type.Optional(ClientId),
  scans: Type.Optional(Type.Array(ClientId, { minItems: 1, maxItems: undonePerRequestMax })),
  /** Takes back what can be, instead of nothing when some of it cannot. */
  partial: Type.Optional(Type.Boolean()),
  reason: Type.Optional(UndoReason),
  /** Decides and tells, and changes nothing. */
  preview: Type.Boolean(),
});
export type UndoEvents = Static<typeof UndoEvents>;

/**
 * What became, or in a preview would become, of one event. `refused` says why it stays: what came later depends on it (`blockedBy`), or
 * it is of a kind that another command takes back (`instead`).
 */
export const UndoneEvent = Type.Object({
  pos: Type.Integer(),
  type: Type.String(),
  tag: Type.Optional(Type.String()),
  contract: Type.Optional(Type.String()),
  outcome: Type.Enum(["undone", "nothing_to_undo", "refused"] as const),
  reason: Type.Optional(Type.String()),
  /** The position of the first later event that depends on it. */
  blockedBy: Type.Optional(Type.Integer()),
  /** The operation that does what is wanted, where an undo cannot. */
  instead: Type.Optional(Type.String()),
  /** What is there again. */
  set: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  /** The position of the compensating event; absent in a preview. */
  by: Type.Optional(Type.Integer()),
});
export type UndoneEvent = Static<typeof UndoneEvent>;
