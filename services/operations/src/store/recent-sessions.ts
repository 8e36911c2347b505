import type { Session, SessionTag } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { KnownSession } from "../actors/known.ts";
import type { TurnOutcome } from "../actors/site.ts";
import { createRecent } from "./recent.ts";
import { findSessionRows, findTagsOfSessions, type SessionTagKey } from "./sessions.ts";

/** Most sessions are small and are remembered whole. Of a larger one, a turn reads the tags that it asks about. */
export const wholeTagsMax = 500;
/** A session, and a tag of it, as measured. */
const sessionBytes = 2_000;
const tagBytes = 350;

/** A session before its tags are read: those of a small one may be remembered. */
type Found = {
  readonly session: Session;
  readonly duplicates: number;
  readonly tags: ReadonlyMap<string, SessionTag> | undefined;
};
export type FoundSessions = ReadonlyMap<string, Found>;

/** What acts ask of sessions: some of their tags, and of some sessions everything that was scanned. */
export type Asked = { readonly tags: readonly SessionTagKey[]; readonly scannedIn: ReadonlySet<string> };

export type RecentSessions = {
  /** Sessions by their ids, as far as they are there, without the tags that are not remembered. */
  readonly find: (site: string, ids: Iterable<string>) => Promise<FoundSessions>;
  /** How many rows have to be read of a session, when an act asks for everything that was scanned in it or only for its own tags. */
  readonly rowsOf: (found: Found | undefined, isScannedAsked: boolean) => number;
  /** The same sessions with the tags that acts ask about. */
  readonly withTags: (site: string, found: FoundSessions, asked: Asked) => Promise<Map<string, KnownSession>>;
  /** What a committed turn left. */
  readonly learn: (site: string, outcome: TurnOutcome) => void;
  readonly forget: (site: string) => void;
};

const scannedTagsOf = ({ seenTags, rejectedTags, unknownTags }: Session): number =>
  seenTags + rejectedTags + unknownTags;

/** Every tag that a session may have: what is expected and was scanned is counted twice, which only makes it large sooner. */
const tagsWithin = (session: Session): number => session.expectedTags + scannedTagsOf(session);

/**
 * An owner's memory of sessions, bounded in bytes. A session that expects a whole place has thousands of tags, and many may be open at
 * once: none of them stays in memory with its tags, or a turn that hears of them all would hold everything that each expects.
 */
export const createRecentSessions = (
  sql: Sql,
  bytesMax: number,
  tagsMax: number = wholeTagsMax,
): RecentSessions => {
  const recent = createRecent<{ readonly known: Found | undefined; readonly bytes: number }>(
    bytesMax,
    ({ bytes }) => bytes,
  );

  // Tags grow in place, so what a session weighed is kept beside it.
  const remember = (site: string, id: string, known: Found | undefined) =>
    recent.set(site, id, { known, bytes: sessionBytes + (known?.tags?.size ?? 0) * tagBytes });

  const isSmall = (session: Session): boolean => tagsWithin(session) <= tagsMax;

  return {
    find: async (site, ids) => {
      const found = new Map<string, Found>();
      const unknown: string[] = [];
      for (const id of new Set(ids)) {
        const remembered = recent.get(site, id);
        if (remembered === undefined) unknown.push(id);
        else if (remembered.known !== undefined) found.set(id, remembered.known);
      }
      const rows = await findSessionRows(sql, site, unknown);
      for (const id of unknown) if (!rows.has(id)) remember(site, id, undefined);
      for (const [id, { doc: session, duplicates }] of rows)
        found.set(id, { session, duplicates, tags: undefined });
      return found;
    },
    rowsOf: (found, isScannedAsked) => {
      if (found === undefined || found.tags !== undefined) return 0;
      if (isSmall(found.session)) return tagsWithin(found.session);
      return isScannedAsked ? scannedTagsOf(found.session) : 0;
    },
    withTags: async (site, found, { tags: askedTags, scannedIn }) => {
      const unread = [...found].filter(([, { tags }]) => tags === undefined);
      const large = new Set(unread.flatMap(([id, { session }]) => (isSmall(session) ? [] : id)));
      const asked = Map.groupBy(
        askedTags.filter(({ session }) => large.has(session)),
        ({ session }) => session,
      );
      const read = await findTagsOfSessions(sql, site, {
        whole: unread.flatMap(([id]) => (large.has(id) ? [] : id)),
        scanned: [...large].filter((id) => scannedIn.has(id)),
        tags: [...asked.values()].flat(),
      });
      return new Map(
        [...found].map(([id, { session, duplicates, tags: remembered }]): [string, KnownSession] => {
          const tags = remembered ?? read.get(id) ?? new Map<string, SessionTag>();
          const isLarge = large.has(id);
          if (remembered === undefined)
            remember(site, id, { session, duplicates, tags: isLarge ? undefined : tags });
          const hasScanned = scannedIn.has(id);
          // Where nothing is expected, what was scanned is all there is.
          if (!isLarge || (hasScanned && session.expectedTags === 0))
            return [id, { session, duplicates, tags }];
          const known = new Set((asked.get(id) ?? []).map(({ tag }) => tag));
          return [id, { session, duplicates, tags, asked: known, hasScanned }];
        }),
      );
    },
    learn: (site, { sessions, sessionTags, duplicates }) => {
      for (const id of new Set([...sessions.keys(), ...duplicates.keys()])) {
        const remembered = recent.get(site, id);
        const before = remembered?.known;
        const session = sessions.get(id) ?? before?.session;
        // What went out of memory meanwhile is not put back in parts: whoever asks next reads it whole.
        if (remembered === undefined || session === undefined) continue;
        const count = (before?.duplicates ?? 0) + (duplicates.get(id) ?? 0);
        const isWhole = isSmall(session) && (before === undefined || before.tags !== undefined);
        const tags = isWhole ? ((before?.tags ?? new Map()) as Map<string, SessionTag>) : undefined;
        if (tags !== undefined) for (const [tag, row] of sessionTags.get(id) ?? []) tags.set(tag, row);
        remember(site, id, { session, duplicates: count, tags });
      }
    },
    forget: recent.forget,
  };
};
