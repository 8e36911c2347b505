import {
  type Session,
  SessionClosed,
  type SessionClosed as SessionClosedBody,
  SessionDeclared,
  type SessionDeclared as SessionDeclaredBody,
  SessionReopened,
} from "@tagwire/messages";
import { blocked, type Compensation, nothing, refused, type Undoing, undone } from "./compensation.ts";
import { recordedIn, standingOf } from "./session-close.ts";
import type { PartChange } from "./session-parts.ts";
import { otherAt } from "./undo-begun.ts";
import { around, type PastEvent } from "./undo-log.ts";

const isClose = ({ type }: Pick<PastEvent, "type">): boolean => type === SessionClosed.type;

/** What each device has declared by these events, and that the others have declared nothing, whatever stood in what is taken back. */
const declaredBy = (events: readonly PastEvent[], { parts = [] }: Session): PartChange[] => {
  const last = new Map<string, PartChange>(
    parts.flatMap(({ device, holders }) =>
      holders === undefined ? [[device, { device, declared: null }] as const] : [],
    ),
  );
  for (const { type, data } of events) {
    if (!isClose({ type }) && type !== SessionDeclared.type) continue;
    const { device, declared, lastSeq } = data as SessionClosedBody | SessionDeclaredBody;
    if (device === undefined || declared === null) continue;
    const seq = lastSeq === undefined ? {} : { lastSeq };
    last.set(device, { device, declared: { ...declared, ...seq } });
  }
  return [...last.values()];
};

/**
 * Takes back that a session was closed, or that such a close was taken back: it is as the last close before says that counts still,
 * else open. What is recorded in it is what is recorded now.
 */
export const takeBackClose = ({ event, book, history, origin }: Undoing): Compensation => {
  const { session: id } = event;
  const session = id === undefined ? undefined : book.session(id);
  if (id === undefined || session === undefined) return refused("nothing is known of its session");
  const others = around(event, history.ofSame(event));
  if (others === undefined) return nothing;
  const later = others.later.find(isClose);
  if (later !== undefined) return blocked(later);
  const close = others.before.findLast(isClose);
  const about = { session: id, ...origin };
  const declared = close === undefined ? null : (close.data as SessionClosedBody).declared;
  const changes = declaredBy([...others.before, ...others.later], session);
  const standing = standingOf(book, id, { changes, declared });
  if (close === undefined) {
    const busy = otherAt(book, session.station, id);
    if (busy !== undefined) return busy;
    return undone(
      [
        {
          type: SessionReopened.type,
          data: { undoes: event.pos, ...(standing.parts === undefined ? {} : { parts: standing.parts }) },
          ...about,
        },
      ],
      { state: "open" },
    );
  }
  const { closedAt } = close.data as SessionClosedBody;
  const data = {
    ...{ closedAt, declared, recorded: recordedIn(book, id) },
    ...{ ...standing, duplicates: book.duplicates(id), undoes: event.pos },
  };
  return undone([{ type: SessionClosed.type, data, ...about }], { state: "closed", closedAt });
};
