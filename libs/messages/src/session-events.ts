import Type, { type Static } from "typebox";
import { event } from "./events.ts";
import { SessionMode, SessionPart, TagSet } from "./sessions.ts";

/** Why something was taken back, as somebody said. */
const undoReason = Type.Optional(Type.String());
const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const SessionBegunBody = Type.Object({
  mode: SessionMode,
  contract: nullable(Type.String()),
  place: nullable(Type.String()),
  class: nullable(Type.String()),
  station: Type.Optional(Type.String({ description: "whose readers scan into it" })),
  begunAt: Type.String(),
  expected: nullable(Type.Array(Type.String())),
  expectedByClass: nullable(Type.Record(Type.String(), Type.Integer())),
  beside: Type.Optional(
    Type.Array(Type.String(), {
      description: "tags scanned before this was heard that are not on its contract",
    }),
  ),
  undoes: Type.Optional(
    Type.Integer({ description: "position of the withdrawal that is taken back by beginning it so" }),
  ),
  reason: undoReason,
});
export type SessionBegun = Static<typeof SessionBegunBody>;

const SessionWithdrawnBody = Type.Object({
  undoes: Type.Integer({ description: "position of the beginning that is taken back" }),
  expected: Type.Array(Type.String(), { description: "tags that are expected no longer" }),
  station: Type.Optional(Type.String({ description: "whose readers scan into it no longer" })),
  reason: undoReason,
});
export type SessionWithdrawn = Static<typeof SessionWithdrawnBody>;

/** Absent in events of before devices declared each for itself. */
const parts = Type.Optional(Type.Array(SessionPart));

const SessionClosedBody = Type.Object({
  closedAt: Type.String(),
  recorded: TagSet,
  declared: nullable(TagSet),
  device: Type.Optional(
    Type.String({ description: "who declared it, where it was declared with this close" }),
  ),
  lastSeq: Type.Optional(Type.Integer()),
  parts,
  complete: nullable(Type.Boolean()),
  duplicates: Type.Integer({ description: "repeats that were counted silently" }),
  undoes: Type.Optional(Type.Integer({ description: "position of what is taken back by closing it so" })),
  reason: undoReason,
});
export type SessionClosed = Static<typeof SessionClosedBody>;

const SessionReopenedBody = Type.Object({
  undoes: Type.Integer({ description: "position of the close that is taken back" }),
  parts,
  reason: undoReason,
});
export type SessionReopened = Static<typeof SessionReopenedBody>;

const SessionRestatedBody = Type.Object({
  recorded: TagSet,
  complete: nullable(Type.Boolean()),
  parts,
  scans: Type.Integer({
    description: "how many arrived since it was closed or last restated; none when some were taken back",
  }),
});
export type SessionRestated = Static<typeof SessionRestatedBody>;

const SessionJoinedBody = Type.Object({ device: Type.String(), complete: nullable(Type.Boolean()), parts });
export type SessionJoined = Static<typeof SessionJoinedBody>;

const SessionDeclaredBody = Type.Object({
  device: Type.String(),
  declared: TagSet,
  lastSeq: Type.Optional(Type.Integer()),
  complete: nullable(Type.Boolean()),
  parts,
});
export type SessionDeclared = Static<typeof SessionDeclaredBody>;

const SessionHeardBody = Type.Object({
  device: Type.String(),
  tags: Type.Array(Type.String(), { description: "each once, and only where no event says so" }),
});
export type SessionHeard = Static<typeof SessionHeardBody>;

/*
 * operations says them once they are committed; manager, live screens and subscribers listen. At least once, in the site's order.
 * The envelope's `session` is what they are about; the scans of a session carry it too.
 */

/** A session began: what it is for and what is expected in it. */
export const SessionBegun = event({ type: "session.begun.v1", entity: "session", body: SessionBegunBody });
/** Its beginning was taken back while nothing counted in it: nothing is expected, and whoever means it after all begins it anew. */
export const SessionWithdrawn = event({
  type: "session.withdrawn.v1",
  entity: "session",
  body: SessionWithdrawnBody,
});
/** A device takes part: it is waited for until it has declared what it scanned. */
export const SessionJoined = event({ type: "session.joined.v1", entity: "session", body: SessionJoinedBody });
/** A device has declared which tags it scanned, how many and their digest; what has arrived of it is stated beside. */
export const SessionDeclared = event({
  type: "session.declared.v1",
  entity: "session",
  body: SessionDeclaredBody,
});
/** A device has scanned tags that another one had scanned there before: the repeats are told by no event of their own, and did arrive. */
export const SessionHeard = event({ type: "session.heard.v1", entity: "session", body: SessionHeardBody });
/** A session is over. `complete` says whether everything that its devices scanned has been recorded. */
export const SessionClosed = event({ type: "session.closed.v1", entity: "session", body: SessionClosedBody });
/** Its close was taken back: it goes on as if nobody had closed it. */
export const SessionReopened = event({
  type: "session.reopened.v1",
  entity: "session",
  body: SessionReopenedBody,
});
/**
 * Scans arrived that were made before their session was closed, or scans of a closed one were taken back: what is recorded in it is
 * stated anew.
 */
export const SessionRestated = event({
  type: "session.restated.v1",
  entity: "session",
  body: SessionRestatedBody,
});

export const sessionEvents = [
  SessionBegun,
  SessionWithdrawn,
  SessionJoined,
  SessionDeclared,
  SessionHeard,
  SessionClosed,
  SessionReopened,
  SessionRestated,
] as const;
