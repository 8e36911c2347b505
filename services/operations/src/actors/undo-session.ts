import { SessionClosed, type SessionClosed as SessionClosedBody, SessionReopened } from "@tagwire/messages";
import { blocked, type Compensation, nothing, refused, type Undoing, undone } from "./compensation.ts";
import { isComplete, recordedIn } from "./session.ts";
import { otherAt } from "./undo-begun.ts";
import { around, type PastEvent } from "./undo-log.ts";

const isClose = ({ type }: PastEvent): boolean => type === SessionClosed.type;

/**
 * Takes back that a session was closed, or that such a close was taken back: it is as the last close before says that counts still,
 * else open. What is recorded in it is what is recorded now.
 */
export const takeBackClose = ({ event, book, history, origin }: Undoing): Compensation => {
  const { session: id } = event;
  if (id === undefined || book.session(id) === undefined) return refused("nothing is known of its session");
  const others = around(event, history.ofSame(event));
  if (others === undefined) return nothing;
  const later = others.later.find(isClose);
  if (later !== undefined) return blocked(later);
  const close = others.before.findLast(isClose);
  const about = { session: id, ...origin };
  if (close === undefined) {
    const busy = otherAt(book, book.session(id)?.station, id);
    if (busy !== undefined) return busy;
    return undone([{ type: SessionReopened.type, data: { undoes: event.pos }, ...about }], { state: "open" });
  }
  const { closedAt, declared } = close.data as SessionClosedBody;
  const data = {
    ...{ closedAt, declared, recorded: recordedIn(book, id) },
    ...{ complete: isComplete(book, id, declared), duplicates: book.duplicates(id), undoes: event.pos },
  };
  return undone([{ type: SessionClosed.type, data, ...about }], { state: "closed", closedAt });
};
