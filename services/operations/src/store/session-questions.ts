import {
  normaliseTag,
  type Scan,
  type Session,
  SessionBegun,
  type SessionBegun as SessionBegunBody,
  sessionKeysOf,
} from "@tagwire/messages";
import { type Act, tagsOf } from "../actors/act.ts";
import type { PastEvent } from "../actors/undo-log.ts";
import type { SessionTagKey } from "./sessions.ts";

/* What a turn asks about sessions that are too large to be known whole. */

/** The tags of some sessions that an act may be decided on. */
export const tagsAskedBy = (act: Act, sessions: readonly string[]): SessionTagKey[] =>
  tagsOf(act).flatMap((tag) => sessions.map((session) => ({ session, tag })));

/** The same of scans that leave quarantine. */
export const tagsOfReleased = (scans: readonly Scan[]): SessionTagKey[] =>
  scans.flatMap(({ session, tag: written }) => {
    const tag = normaliseTag(written);
    return session === undefined || tag === undefined ? [] : [{ session, tag }];
  });

/** The same of what is undone, and of everything that was said of the same things. */
export const tagsOfHistory = (history: readonly PastEvent[]): SessionTagKey[] =>
  history.flatMap((event) => {
    const { session, tags } = sessionKeysOf(event) ?? {};
    return session === undefined ? [] : (tags ?? []).map((tag) => ({ session, tag }));
  });

/** The stations at which sessions have begun, also those whose beginning was taken back. */
export const stationsOfHistory = (history: readonly PastEvent[]): string[] =>
  history.flatMap(({ type, data }) =>
    type === SessionBegun.type ? ((data as SessionBegunBody).station ?? []) : [],
  );

/**
 * Whether an act has to know everything that was scanned in its session: to close it, to state it anew when a scan comes after the close,
 * and to tell what had still to leave when a session began whose scans came first.
 */
export const wantsScanned = (act: Act, session: Session | undefined): boolean =>
  act.kind === "session.close" ||
  act.kind === "session.declare" ||
  act.kind === "session.join" ||
  act.kind === "session.begin" ||
  session?.state === "closed";
