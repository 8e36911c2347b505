import {
  type Session,
  SessionBegun,
  type SessionBegun as SessionBegunBody,
  SessionWithdrawn,
} from "@tagwire/messages";
import type { Book } from "./book.ts";
import { blocked, type Compensation, nothing, refused, type Undoing, undone } from "./compensation.ts";
import { openAmong } from "./station-session.ts";
import { type Around, around, undoes } from "./undo-log.ts";

/** Another session that is open at a session's station: with two of them nobody could tell whose a reader's scans are. */
export const otherAt = (book: Book, station: string | undefined, id: string): Compensation | undefined => {
  const other = station === undefined ? undefined : openAmong(book.sessionsAt(station))?.id;
  return other === undefined || other === id
    ? undefined
    : refused(`session ${other} is open at its station: close that one first`, {
        instead: "POST /sessions/{id}:close",
      });
};

const countedIn = ({ seenTags, rejectedTags, unknownTags }: Session): number =>
  seenTags + rejectedTags + unknownTags;

type Standing = { readonly session: Session; readonly others: Around };

/** The session of an event and what else counts of its past; else why nothing is taken back. */
const standingOf = ({ event, book, history }: Undoing): Standing | Compensation => {
  const session = book.session(event.session ?? "");
  if (session === undefined) return refused("nothing is known of its session");
  const others = around(event, history.ofSame(event));
  return others === undefined ? nothing : { session, others };
};

/**
 * Takes back that a session began, while nothing has come of it: it is not closed, and no scan counts in it. What was counted in it was
 * counted as what its beginning says, so those scans are taken back first.
 */
export const takeBackBegun = (undoing: Undoing): Compensation => {
  const { event, origin } = undoing;
  const standing = standingOf(undoing);
  if ("verdict" in standing) return standing;
  const { session, others } = standing;
  if (session.begunAt === null) return nothing;
  const [later] = others.later;
  if (later !== undefined) return blocked(later);
  if (session.state === "closed") return refused("it was closed before its beginning was heard");
  const count = countedIn(session);
  if (count > 0)
    return refused(`scans of ${count} tags count in it: take those back first`, {
      instead: "POST /sessions/{id}:undo",
    });
  const { expected, station } = event.data as SessionBegunBody;
  const data = {
    ...{ undoes: event.pos, expected: expected ?? [] },
    ...(station === undefined ? {} : { station }),
  };
  return undone([{ type: SessionWithdrawn.type, session: session.id, data, ...origin }], {
    state: "unbegun",
    expected: null,
  });
};

/** Takes back that a beginning was taken back: the session began as it had begun, unless somebody has begun it anew since. */
export const takeBackWithdrawal = (undoing: Undoing): Compensation => {
  const { event, book, history, origin } = undoing;
  const standing = standingOf(undoing);
  if ("verdict" in standing) return standing;
  const { session, others } = standing;
  const anew = others.later.find(({ type }) => type === SessionBegun.type);
  if (anew !== undefined) return blocked(anew);
  if (session.begunAt !== null) return nothing;
  const begun = history.at(undoes(event) ?? 0);
  if (begun === undefined) return refused("the beginning that it took back is not in the log");
  const { reason: _, ...stated } = begun.data as SessionBegunBody;
  const busy = session.state === "closed" ? undefined : otherAt(book, stated.station, session.id);
  if (busy !== undefined) return busy;
  const contract = begun.contract === undefined ? {} : { contract: begun.contract };
  const said = { type: SessionBegun.type, session: session.id, data: { ...stated, undoes: event.pos } };
  const state = session.state === "closed" ? "closed" : "open";
  return undone([{ ...said, ...contract, ...origin }], { state, begunAt: stated.begunAt });
};
