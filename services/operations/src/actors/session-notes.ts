import type { Act } from "./act.ts";
import type { Book } from "./book.ts";
import type { Decision, Origin, Said } from "./decision.ts";
import { hearings, restatement } from "./session-close.ts";
import { deviceOf, keyOf } from "./session-parts.ts";

/** What the scans of a turn leave to be said of their sessions once all of them are decided. */
export type SessionNotes = {
  /** A scan was decided. */
  readonly note: (act: Extract<Act, { kind: "scan" }>, tag: string, decision: Decision) => void;
  /** Says who scanned what: before anything is stated of a session, and in the end. */
  readonly tellHeard: () => void;
  /** States anew what is recorded in closed sessions that scans came late to. */
  readonly tellLate: () => void;
};

type Silent = { readonly device: string; readonly tags: Set<string>; origin: Origin };

/** `book` gives the site as it is: an undo puts another one in its place. */
export const createSessionNotes = (book: () => Book, say: (said: Said) => void): SessionNotes => {
  /** Scans of this turn whose sessions were closed before they arrived, with the last one's origin. */
  const late = new Map<string, { scans: number; origin: Origin }>();
  /** Tags that a device scanned and no event says so, by session and device. */
  const silent = new Map<string, Map<string, Silent>>();

  const noteLate = (session: string, scans: number, origin: Origin) => {
    if (book().session(session)?.state !== "closed") return;
    late.set(session, { scans: (late.get(session)?.scans ?? 0) + scans, origin });
  };

  const noteSilent = (
    { origin, countedBy }: Extract<Act, { kind: "scan" }>,
    session: string,
    tag: string,
  ) => {
    const device = deviceOf(origin.by, countedBy);
    if (device === undefined || book().session(session) === undefined) return;
    if (book().hasHeard(session, keyOf({ kind: "device", device }), tag)) return;
    const own = silent.get(session) ?? new Map<string, Silent>();
    silent.set(session, own);
    const heard = own.get(device) ?? { device, tags: new Set<string>(), origin };
    heard.tags.add(tag);
    heard.origin = origin;
    own.set(device, heard);
    noteLate(session, 0, origin);
  };

  return {
    note: (act, tag, { said }) => {
      const told = said?.session;
      if (told !== undefined) noteLate(told, 1, act.origin);
      // What says something of no session was scanned after the end of its own.
      else if (said === undefined && act.scan.session !== undefined) noteSilent(act, act.scan.session, tag);
    },
    tellHeard: () => {
      for (const [session, own] of silent)
        for (const { device, tags, origin } of own.values())
          for (const said of hearings(session, { device, tags: [...tags] }, origin)) say(said);
      silent.clear();
    },
    tellLate: () => {
      for (const [session, { scans, origin }] of late) say(restatement(book(), session, scans, origin));
    },
  };
};
