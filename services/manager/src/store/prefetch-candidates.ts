import type { Contract, Day, PrefetchItem } from "@tagwire/messages";
import type { Deed } from "../actors/prefetch-deed.ts";
import { type Reader, recordset, textArray } from "./rows.ts";

/* What the projection knows of items that a device may be about to scan. All of it is read at one instant. */

/** A stretch of time, and the days of the site that it touches, by which contracts are found. */
export type Stretch = {
  readonly from: Date;
  readonly to: Date;
  readonly fromDay: Day;
  readonly toDay: Day;
};

export type DueMember = { readonly tag: string; readonly deed: Deed };

/**
 * Items that are to move on a contract within a stretch of time: out ones that come back, and staged ones that go out. What is out on a
 * contract that was closed came back without a scan.
 */
export const findDueMembers = async (
  sql: Reader,
  site: string,
  { from, to, fromDay, toDay }: Stretch,
  limit: number,
): Promise<DueMember[]> => sql<DueMember[]>`
    select member.tag, case member.state when 'out' then 'in' else 'out' end as deed from contract
    join contract_member member on member.site = contract.site and member.contract = contract.number
    where contract.site = ${site} and (
      due_in_day between ${fromDay}::text::date and ${toDay}::text::date and member.state = 'out'
        and contract.state <> 'closed' and (contract.contract->>'dueAt')::timestamptz between ${from} and ${to}
      or due_out_day between ${fromDay}::text::date and ${toDay}::text::date and member.state = 'staged'
        and contract.state = 'open' and (contract.contract->>'outAt')::timestamptz between ${from} and ${to})
    order by member.contract, member.tag limit ${limit}`;

/** Contracts that are to go out within a stretch of time. */
export const listDueOut = async (
  sql: Reader,
  site: string,
  { from, to, fromDay, toDay }: Stretch,
  limit: number,
): Promise<Contract[]> => {
  const rows = await sql<{ contract: Contract }[]>`
    select contract from contract
    where site = ${site} and state = 'open' and due_out_day between ${fromDay}::text::date and ${toDay}::text::date
      and (contract->>'outAt')::timestamptz between ${from} and ${to}
    order by due_out_day, number limit ${limit}`;
  return rows.map(({ contract }) => contract);
};

/** Contracts by their numbers, those that are there. */
export const findContracts = async (
  sql: Reader,
  site: string,
  numbers: readonly string[],
): Promise<Contract[]> => {
  if (numbers.length === 0) return [];
  const rows = await sql<{ contract: Contract }[]>`
    select contract from contract
    where site = ${site} and number = any(${textArray(numbers)}::text::text[]) order by number`;
  return rows.map(({ contract }) => contract);
};

/** Whether anything of the site was scanned on a device of that name in the days that throughput is kept. */
export const isDeviceKnown = async (sql: Reader, site: string, device: string): Promise<boolean> => {
  const rows = await sql`
    select 1 from scan_tally
    where site = ${site} and span = 'day' and kind = 'device' and who = ${device} limit 1`;
  return rows.length > 0;
};

/**
 * What was seen at the place where a device is at work, on whatever device: in the newest sessions there, the device's own newest one
 * telling where that is.
 */
export const findSeenAtPlace = async (
  sql: Reader,
  site: string,
  query: {
    readonly device: string;
    readonly since: Date;
    readonly sessions: number;
    readonly limit: number;
  },
): Promise<{ readonly tag: string; readonly at: Date }[]> => sql`
  with here as (
    select session->>'place' as place from session
    where site = ${site} and active_at >= ${query.since} and session->'devices' ? ${query.device}
    order by active_at desc, id limit 1
  ), there as materialized (
    select id, active_at from session join here on session->>'place' = here.place
    where site = ${site} and active_at >= ${query.since} order by active_at desc, id limit ${query.sessions}
  )
  select tag, max(active_at) as at from session_tag join there on there.id = session_tag.session
  where site = ${site} and outcome = 'seen' group by tag order by at desc, tag limit ${query.limit}`;

export type AtHand = { readonly class: string; readonly tag: string; readonly atHand: number };

/** Ready items of classes, those seen last first, at most `most` of each, and how many of the class there are in all. */
export const findAtHand = async (
  sql: Reader,
  site: string,
  classes: readonly { readonly class: string; readonly most: number }[],
): Promise<AtHand[]> => {
  if (classes.length === 0) return [];
  const rows = await sql<{ class: string; tag: string; at_hand: number }[]>`
    select ready.class, ready.tag, ready.at_hand from (
      select class, tag, (count(*) over (partition by class))::int as at_hand,
        row_number() over (partition by class order by seen_at desc nulls last, tag) as place
      from item where site = ${site} and status = 'ready'
        and class = any(${textArray(classes.map(({ class: name }) => name))}::text::text[])
    ) ready
    join json_to_recordset(${recordset(classes)}::text::json) as wanted (class text, most int)
      on wanted.class = ready.class and ready.place <= wanted.most`;
  return rows.map(({ at_hand, ...row }) => ({ ...row, atHand: at_hand }));
};

export type OpenSession = {
  readonly id: string;
  readonly mode: string | null;
  readonly contract: string | null;
};

/** Sessions at work that the device takes part in, the one of which something was recorded last first. */
export const findOpenSessions = (
  sql: Reader,
  site: string,
  {
    device,
    activeSince,
    limit,
  }: { readonly device: string; readonly activeSince: Date; readonly limit: number },
): Promise<OpenSession[]> => sql<OpenSession[]>`
  select id, mode, contract from session
  where site = ${site} and state <> 'closed' and active_at >= ${activeSince} and session->'devices' ? ${device}
  order by active_at desc, id limit ${limit}`;

/** What sessions expect and have not seen yet, and what may still move on their contracts. */
export const findSessionTags = async (
  sql: Reader,
  site: string,
  { sessions, limit }: { readonly sessions: readonly OpenSession[]; readonly limit: number },
): Promise<string[]> => {
  if (sessions.length === 0) return [];
  const contracts = sessions.flatMap(({ contract }) => contract ?? []);
  const rows = await sql<{ tag: string }[]>`
    select tag from session_tag
    where site = ${site} and session = any(${textArray(sessions.map(({ id }) => id))}::text::text[])
      and expected and outcome is null
    union
    select tag from contract_member
    where site = ${site} and contract = any(${textArray(contracts)}::text::text[]) and state in ('out', 'staged')
    limit ${limit}`;
  return rows.map(({ tag }) => tag);
};

/** Items as devices keep them. A class's own name stands for those that have none. */
export const describeItems = async (
  sql: Reader,
  site: string,
  tags: readonly string[],
): Promise<ReadonlyMap<string, Omit<PrefetchItem, "sources">>> => {
  const rows = await sql<Omit<PrefetchItem, "sources">[]>`
    select item.tag, item.class, coalesce(item.name, rental_class.name) as name, item.status, item.contract, item.place,
      item.version::int as version
    from item left join rental_class on rental_class.site = item.site and rental_class.class = item.class
    where item.site = ${site} and item.tag = any(${textArray(tags)}::text::text[])`;
  return new Map(rows.map((row) => [row.tag, row]));
};

/** The last position of the log on a day or before; 0 where nothing is that old. */
export const findClosingPosition = async (sql: Reader, site: string, day: Day): Promise<number> => {
  const [row] = await sql<{ pos: number }[]>`
    select coalesce(max(pos), 0) as pos from class_closing where site = ${site} and day <= ${day}::text::date`;
  return row?.pos ?? 0;
};

export type Pair = {
  readonly tag: string;
  readonly other: string;
  readonly sessions: number;
  /** In which part of the sessions that saw `tag` the other was seen too. */
  readonly chance: number;
};

/**
 * Items that were seen in the same sessions: at least `sessionsMin` times, and over `liftMin` times as often as they would be by
 * accident. Looks at the newest `sessionsMax` sessions of at most `tagsMax` tags each: a sweep of the house says nothing about pairs,
 * and this bounds the pairs that are counted to `sessionsMax` × `tagsMax`². Each session's tags are put beside each other from one row, since
 * a join of all with all took a minute on a month of sessions when Postgres guessed their number wrongly.
 */
export const findPairs = (
  sql: Reader,
  site: string,
  bounds: {
    readonly sessionsMax: number;
    readonly tagsMax: number;
    readonly sessionsMin: number;
    readonly liftMin: number;
    readonly pairsMax: number;
  },
): Promise<Pair[]> => sql<Pair[]>`
  with seen as materialized (
    select session, tag from (
      select session, tag, count(*) over (partition by session) as tags
      from session_tag where site = ${site} and outcome = 'seen' and session = any(array(
        select id from session where site = ${site} order by active_at desc, id limit ${bounds.sessionsMax}))
    ) counted where tags between 2 and ${bounds.tagsMax}
  ), total as (select count(distinct session)::float8 as sessions from seen
  ), bag as materialized (
    select session, array_agg(tag) as tags, array_agg(sessions) as often from (
      select session, tag, count(*) over (partition by tag) as sessions from seen
    ) each where sessions >= ${bounds.sessionsMin} group by session
  ), pair as (
    select one.tag, two.tag as other, one.seen as one_seen, two.seen as other_seen, count(*)::int as sessions
    from bag cross join unnest(tags, often) as one (tag, seen) cross join unnest(tags, often) as two (tag, seen)
    where one.tag <> two.tag
    group by one.tag, two.tag, one.seen, two.seen having count(*) >= ${bounds.sessionsMin}
  )
  select tag, other, pair.sessions, pair.sessions::float8 / one_seen as chance from pair cross join total
  where pair.sessions * total.sessions / (one_seen * other_seen) > ${bounds.liftMin}
  order by pair.sessions desc, tag, other limit ${bounds.pairsMax}`;
