import {
  type LoggedEvent,
  SessionClosed,
  type SessionClosed as SessionClosedBody,
  SessionReopened,
} from "@tagwire/messages";
import type { Book } from "./book.ts";
import { blocked, type Compensation, nothing, refused, type Undoing, undone } from "./compensation.ts";
import { isComplete, recordedIn } from "./session.ts";
import { openAmong } from "./station-session.ts";
import { around } from "./undo-log.ts";

const isClose = ({ type }: LoggedEvent): boolean => type === SessionClosed.type;

/** Another session that was begun at its station meanwhile and is open: with two of them nobody could tell whose a reader's scans are. */
const otherAt = (book: Book, id: string): string | undefined => {
  const station = book.session(id)?.station;
  return station === undefined ? undefined : openAmong(book.sessionsAt(station))?.id;
};

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
    const other = otherAt(book, id);
    if (other !== undefined && other !== id)
      return refused(`session ${other} is open at its station: close that one first`, {
        instead: "POST /sessions/{id}:close",
      });
    return undone([{ type: SessionReopened.type, data: { undoes: event.pos }, ...about }], { state: "open" });
  }
  const { closedAt, declared } = close.data as SessionClosedBody;
  const data = {
    ...{ closedAt, declared, recorded: recordedIn(book, id) },
    ...{ complete: isComplete(book, id, declared), duplicates: book.duplicates(id), undoes: event.pos },
  };
  return undone([{ type: SessionClosed.type, data, ...about }], { state: "closed", closedAt });
};
