import type { Sql } from "@tagwire/store";
import { addHeard, type HeardBy, heardOf } from "../actors/session-parts.ts";
import type { TurnOutcome } from "../actors/site.ts";
import { createRecent } from "./recent.ts";

type HeardRow = {
  readonly type: string;
  readonly session: string;
  readonly tag: string | null;
  readonly by: { readonly device?: string; readonly person?: string; readonly reader?: string };
  readonly data: Readonly<Record<string, unknown>>;
};

/** A session, and a tag of a device in it, in memory; measured. */
const sessionBytes = 300;
const tagBytes = 60;

const weightOf = (heard: HeardBy): number =>
  [...heard.values()].reduce((sum, tags) => sum + sessionBytes + tags.size * tagBytes, sessionBytes);

/** Lists grow in place, so what they weighed is kept beside them. */
type Remembered = { readonly heard: Map<string, Set<string>>; readonly bytes: number };
const remembered = (heard: Map<string, Set<string>>): Remembered => ({ heard, bytes: weightOf(heard) });

/** Of an event of a session, only what tells who scanned which tag there: of thousands, the rest is never sent. */
const findHeard = (sql: Sql, site: string, sessions: readonly string[]): Promise<HeardRow[]> =>
  sql<HeardRow[]>`
    select type, session::text, tag, by, case when type = 'session.heard.v1' then data else jsonb_strip_nulls(jsonb_build_object(
      'scan', case when data ? 'scan' then true end, 'countedBy', data->'countedBy')) end as data
    from event where site = ${site} and session = any(${sessions as string[]}::uuid[])
      and (tag is not null or type = 'session.heard.v1')`;

/**
 * Which tags each device has scanned in sessions, as the log says it: read when it is first asked about and kept with what its owner's
 * turns add, within a bound of bytes.
 */
export const createRecentHeard = (sql: Sql, bytesMax: number) => {
  const recent = createRecent<Remembered>(bytesMax, ({ bytes }) => bytes);
  return {
    find: async (site: string, ids: readonly string[]): Promise<ReadonlyMap<string, HeardBy>> => {
      const found = new Map<string, Map<string, Set<string>>>();
      const unknown: string[] = [];
      for (const id of new Set(ids)) {
        const known = recent.get(site, id)?.heard;
        if (known === undefined) unknown.push(id);
        found.set(id, known ?? new Map());
      }
      if (unknown.length === 0) return found;
      for (const { tag, ...row } of await findHeard(sql, site, unknown)) {
        const heard = heardOf({ ...row, ...(tag === null ? {} : { tag }) });
        if (heard !== undefined) addHeard(found.get(heard.session) ?? new Map(), heard);
      }
      for (const id of unknown) recent.set(site, id, remembered(found.get(id) ?? new Map()));
      return found;
    },
    learn: (site: string, { said }: Pick<TurnOutcome, "said">): void => {
      for (const [session, all] of Map.groupBy(
        said.flatMap((one) => heardOf(one) ?? []),
        (heard) => heard.session,
      )) {
        const known = recent.get(site, session)?.heard;
        // What is not remembered is read from the log when it is asked about.
        if (known === undefined) continue;
        for (const heard of all) addHeard(known, heard);
        recent.set(site, session, remembered(known));
      }
    },
    forget: recent.forget,
  };
};
