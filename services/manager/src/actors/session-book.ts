import {
  foldSessions,
  type Session,
  type SessionBook,
  type SessionRow,
  type SessionTag,
  sessionKeysOf,
  sessionView,
} from "@tagwire/messages";
import type { Happening } from "./happening.ts";

/** A session, and when operations last recorded something of it. */
export type ActiveSession = { readonly session: Session; readonly activeAt: string };

const tagKey = (session: string, tag: string): string => `${session}\u0000${tag}`;

/** What is known of the sessions and tags that a run touches. */
export type KnownSessions = {
  readonly sessions: ReadonlyMap<string, ActiveSession>;
  readonly tags: ReadonlyMap<string, SessionTag>;
};

export type SessionChanges = {
  readonly sessions: ReadonlyMap<string, ActiveSession>;
  readonly tags: ReadonlyMap<string, SessionTag>;
};

export const knownSessions = (
  sessions: Iterable<ActiveSession>,
  tags: Iterable<SessionTag>,
): KnownSessions => ({
  sessions: new Map([...sessions].map((active) => [active.session.id, active])),
  tags: new Map([...tags].map((tag) => [tagKey(tag.session, tag.tag), tag])),
});

export const concernsSessions = ({ event }: Happening): boolean => event.session !== undefined;

/** Folds a run onto what is known of its sessions. */
export const foldSessionRun = (known: KnownSessions, happenings: readonly Happening[]): SessionChanges => {
  const sessions = new Map<string, ActiveSession>();
  const tags = new Map<string, SessionTag>();
  const ownCounts = new WeakSet();
  for (const { event } of happenings) {
    const book: SessionBook = {
      session: (id) => (sessions.get(id) ?? known.sessions.get(id))?.session,
      tag: (id, tag) => tags.get(tagKey(id, tag)) ?? known.tags.get(tagKey(id, tag)),
      putSession: (session) =>
        void sessions.set(session.id, { session, activeAt: new Date(event.recordedAt).toISOString() }),
      putTag: (tag) => void tags.set(tagKey(tag.session, tag.tag), tag),
      ownCounts,
    };
    foldSessions(book, event);
  }
  return { sessions, tags };
};

/** The sessions and tags that must be known before a run is folded. */
export const sessionKeys = (happenings: readonly Happening[]) => {
  const sessions = new Set<string>();
  const tags = new Map<string, { readonly session: string; readonly tag: string }>();
  for (const { event } of happenings) {
    const keys = sessionKeysOf(event);
    if (keys === undefined) continue;
    sessions.add(keys.session);
    for (const tag of keys.tags) tags.set(tagKey(keys.session, tag), { session: keys.session, tag });
  }
  return { sessions, tags: tags.values() };
};

export const sessionRow = ({ session, activeAt }: ActiveSession): SessionRow => ({
  ...sessionView(session),
  activeAt,
});
