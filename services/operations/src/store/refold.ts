import {
  ClassDefined,
  type ContractMember,
  type LoggedEvent,
  movesOf,
  type Refold,
  type RefoldedEntity,
} from "@tagwire/messages";
import { inTransaction, type Sql, type Transaction } from "@tagwire/store";
import {
  compareLife,
  type Life,
  lifeOfClass,
  lifeOfItem,
  lifeOfSession,
  openContractFold,
} from "../actors/refold.ts";
import { findClasses } from "./classes.ts";
import { keptContracts, membersAt } from "./contracts.ts";
import { clockOffsets } from "./device-ledgers.ts";
import { type EventRow, eventOf } from "./events.ts";
import { readsOf } from "./heard-reads.ts";
import { findItems } from "./items.ts";
import { findSessions, sessionColumns } from "./sessions.ts";

/**
 * Lives longer than this are not folded again: a thing that is scanned every minute for weeks. Of a contract only what it is folded from
 * is read, a stretch at a time: one that is washed weekly with 500 items for two years is not too long.
 */
const eventsPerLifeMax = { item: 20_000, contract: 100_000, session: 20_000, class: 20_000 } as const;
const readAtOnce = 2_000;
/** And so many events, and rows that few of them made, are read for one question; whoever asked for more things goes on after those that fitted. */
const eventsPerQuestionMax = 50_000;
const newestShown = 20;
/** Contracts become one a few times over at most: far more than anybody does. */
const mergesMax = 10;

type Lives = ReadonlyMap<string, Life>;

/** As an index has it, word for word: no plan may read all events of a contract for the few that are of this kind. */
const isMerge = "type in ('contract.merged.v1', 'contract.unmerged.v1')";

const inOrder = (left: LoggedEvent, right: LoggedEvent): number =>
  left.epoch - right.epoch || left.pos - right.pos;

/** The contracts that an event made one of two, or two of one again. */
const partiesOf = ({ contract, data }: Pick<EventRow | LoggedEvent, "contract" | "data">): string[] =>
  [contract, data.into].filter((number) => typeof number === "string");

/** Events that made one contract of two, or two of one again, of these contracts and of those they became one with. */
const readMerges = async (sql: Sql, site: string, numbers: Iterable<string>): Promise<LoggedEvent[]> => {
  const wanted = new Set(numbers);
  for (let step = 0; step < mergesMax && wanted.size > 0; step += 1) {
    const rows = await sql<EventRow[]>`
      select * from event where site = ${site} and ${sql.unsafe(isMerge)}
        and (contract = any(${[...wanted]}::text[]) or data->>'into' = any(${[...wanted]}::text[]))
      order by epoch, pos`;
    const before = wanted.size;
    for (const row of rows) for (const number of partiesOf(row)) wanted.add(number);
    if (wanted.size === before) return rows.map(eventOf);
  }
  return [];
};

const livesOfItems = async (sql: Sql, site: string, tags: readonly string[]): Promise<Lives> => {
  const rows = await sql<EventRow[]>`
    select * from event where site = ${site} and tag = any(${tags as string[]}::text[]) order by epoch, pos`;
  const events = rows.map(eventOf);
  const contracts = new Set(events.flatMap(({ data }) => movesOf(data).map(({ contract }) => contract)));
  const merges = await readMerges(sql, site, contracts);
  for (const merge of merges) for (const number of partiesOf(merge)) contracts.add(number);
  const items = new Map((await findItems(sql, site, tags)).map((item) => [item.tag, item]));
  const members = Map.groupBy(
    await membersAt(sql, site, { tags, numbers: [...contracts] }),
    ({ tag }) => tag,
  );
  const byTag = Map.groupBy(events, ({ tag }) => tag ?? "");
  return new Map(
    tags.map((tag) => {
      const own = byTag.get(tag) ?? [];
      const life = merges.length === 0 ? own : [...own, ...merges].sort(inOrder);
      const standing: readonly ContractMember[] = members.get(tag) ?? [];
      return [tag, lifeOfItem(tag, { item: items.get(tag), members: standing, life })];
    }),
  );
};

type ContractStep = Pick<EventRow, "epoch" | "pos" | "type" | "tag" | "contract" | "received_at" | "data">;

const contractLives = async (sql: Sql, site: string, numbers: readonly string[]): Promise<Lives> => {
  const merges = await readMerges(sql, site, numbers);
  const all = [...new Set([...numbers, ...merges.flatMap(partiesOf)])];
  const steps = sql<ContractStep[]>`
    with own as (
      select epoch, pos from event where site = ${site} and contract = any(${all}::text[])
      union
      select epoch, pos from contract_aside where site = ${site} and contract = any(${all}::text[])
    )
    select event.epoch, event.pos, type, tag, contract, received_at, case
      when type like 'contract.%' or type like 'lot.%' then data else jsonb_build_object('moves', data->'moves') end as data
    from own join event on event.site = ${site} and event.epoch = own.epoch and event.pos = own.pos
    where type like 'contract.%' or type like 'lot.%' or data ? 'moves'
    order by event.epoch, event.pos`.cursor(readAtOnce);
  const { fold, lives } = openContractFold();
  for await (const stretch of steps)
    for (const { pos, type, tag, contract, received_at: receivedAt, data } of stretch)
      fold({
        ...{ pos, type, data, receivedAt: receivedAt.toISOString() },
        ...(tag === null ? {} : { tag }),
        ...(contract === null ? {} : { contract }),
      });
  return lives(await keptContracts(sql, site, numbers));
};

const sessionLives = async (sql: Sql, site: string, ids: readonly string[]): Promise<Lives> => {
  const rows = await sql<EventRow[]>`
    select * from event where site = ${site} and session = any(${ids as string[]}::uuid[]) order by epoch, pos`;
  const known = await findSessions(sql, site, ids);
  const columns = await sessionColumns(sql, site, ids);
  const bySession = Map.groupBy(rows.map(eventOf), ({ session }) => session ?? "");
  return new Map(
    ids.map((id) => {
      const [own, beside] = [known.get(id), columns.get(id)];
      const kept =
        own === undefined || beside === undefined ? undefined : { session: own.session, columns: beside };
      const tags = [...(own?.tags.values() ?? [])];
      return [id, lifeOfSession(id, { kept, tags, life: bySession.get(id) ?? [] })];
    }),
  );
};

const classLives = async (sql: Sql, site: string, names: readonly string[]): Promise<Lives> => {
  const rows = await sql<EventRow[]>`
    select * from event where site = ${site} and type = ${ClassDefined.type} and data->>'class' = any(${names as string[]}::text[])
    order by epoch, pos`;
  const known = await findClasses(sql, site, names);
  const byClass = Map.groupBy(rows.map(eventOf), ({ data }) => String(data.class));
  return new Map(
    names.map((name) => [name, lifeOfClass({ known: known.get(name), life: byClass.get(name) ?? [] })]),
  );
};

type Kind = {
  /** Events of one of them. */
  readonly isOf: (sql: Sql, key: string) => ReturnType<Sql>;
  readonly lives: (sql: Sql, site: string, keys: readonly string[]) => Promise<Lives>;
  /** Keys after one, with how many events each has that would be read. */
  readonly next: (sql: Sql, site: string, after: string | null, limit: number) => Promise<Listed[]>;
};

/** A thing with its events, and how many rows it has besides its own: a session has one for each tag that it expects. */
type Listed = { readonly key: string; readonly events: number; readonly parts?: number };

const kinds: { readonly [entity in RefoldedEntity]: Kind } = {
  item: {
    isOf: (sql, tag) => sql`tag = ${tag}`,
    lives: livesOfItems,
    next: (sql, site, after, limit) => sql<Listed[]>`
      select tag as key, (select count(*)::int from event where event.site = item.site and event.tag = item.tag) as events
      from item where site = ${site} ${after === null ? sql`` : sql`and tag > ${after}`} order by tag limit ${limit}`,
  },
  contract: {
    isOf: (sql, number) => sql`contract = ${number}`,
    lives: contractLives,
    next: (sql, site, after, limit) => sql<Listed[]>`
      select number as key, (select count(*)::int from event where event.site = contract.site and event.contract = contract.number) as events
      from contract where site = ${site} ${after === null ? sql`` : sql`and number > ${after}`} order by number limit ${limit}`,
  },
  session: {
    isOf: (sql, id) => sql`session = ${id}`,
    lives: sessionLives,
    next: (sql, site, after, limit) => sql<Listed[]>`
      select id::text as key, (select count(*)::int from event where event.site = session.site and event.session = session.id) as events,
        (doc->>'expectedTags')::int as parts
      from session where site = ${site} ${after === null ? sql`` : sql`and id > ${after}::uuid`} order by id limit ${limit}`,
  },
  class: {
    isOf: (sql, name) => sql`type = ${ClassDefined.type} and data->>'class' = ${name}`,
    lives: classLives,
    next: (sql, site, after, limit) => sql<Listed[]>`
      select class as key, (
        select count(*)::int from event
        where event.site = class.site and event.type = ${ClassDefined.type} and event.data->>'class' = class.class
      ) as events
      from class where site = ${site} ${after === null ? sql`` : sql`and class > ${after}`} order by class limit ${limit}`,
  },
};

/** Rows and events as they were at one instant: a turn writes both in one transaction. */
const atOnce = <T>(sql: Sql, read: (sql: Sql) => Promise<T>): Promise<T> =>
  inTransaction(
    sql,
    // What is read goes by the same tagged templates, inside a transaction and out of one.
    (transaction: Transaction) => read(transaction as unknown as Sql),
    "isolation level repeatable read read only",
  );

/** As many of these as may be folded at once, and the first always: a life that is too long by itself is skipped, not waited for. */
const fitting = (listed: readonly Listed[], lifeMax: number): readonly Listed[] => {
  let sum = 0;
  const end = listed.findIndex(({ events, parts = 0 }, at) => {
    // One that is skipped is not read.
    sum += events > lifeMax ? 0 : events + parts;
    return at > 0 && sum > eventsPerQuestionMax;
  });
  return end === -1 ? listed : listed.slice(0, end);
};

const untold: Life = { row: null, folded: null };

/** Somebody wrote into the log what no event says, so that nobody can fold it: whatever the row is, its events do not come to it. */
const unfoldable = ({ message }: Error): Life => ({ row: { unfoldable: message }, folded: null });

/** The lives of some things, each by itself where the events of one cannot be folded. */
const livesOf = async (
  sql: Sql,
  { site, entity, keys }: { site: string; entity: RefoldedEntity; keys: readonly string[] },
): Promise<Lives> => {
  if (keys.length === 0) return new Map();
  try {
    return await kinds[entity].lives(sql, site, keys);
  } catch (error) {
    // What the store refuses is another matter than what it holds.
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const [first = "", ...others] = keys;
    if (others.length === 0) return new Map([[first, unfoldable(error)]]);
    const middle = Math.ceil(keys.length / 2);
    const halves = [keys.slice(0, middle), keys.slice(middle)];
    const lives: [string, Life][] = [];
    for (const half of halves) lives.push(...(await livesOf(sql, { site, entity, keys: half })));
    return new Map(lives);
  }
};

/** A thing as its row says, and as its events say; nothing of a life that is too long to be folded, and that it is. */
export const refold = (
  sql: Sql,
  { site, entity, key }: { readonly site: string; readonly entity: RefoldedEntity; readonly key: string },
): Promise<Refold> =>
  atOnce(sql, async (transaction) => {
    const { isOf } = kinds[entity];
    const [length] = await transaction<{ events: number }[]>`
      select count(*)::int as events from event where site = ${site} and ${isOf(transaction, key)}`;
    const isLong = (length?.events ?? 0) > eventsPerLifeMax[entity];
    const lives = await livesOf(transaction, { site, entity, keys: isLong ? [] : [key] });
    const life = lives.get(key) ?? untold;
    const newest = (
      await transaction<EventRow[]>`
        select * from event where site = ${site} and ${isOf(transaction, key)}
        order by epoch desc, pos desc limit ${newestShown}`
    ).map(eventOf);
    const devices = new Set(newest.flatMap(({ by }) => by.device ?? []));
    return {
      ...compareLife(life),
      ...(isLong ? { isTooLong: true } : {}),
      events: newest,
      reads: await readsOf(transaction, site, isOf(transaction, key)),
      clocks: await clockOffsets(transaction, site, [...devices]),
    };
  });

/** Folds the lives of the next few things again, and says which of them are something else than their events, and which are too long. */
export const refolds = (
  sql: Sql,
  {
    site,
    entity,
    after,
    limit,
  }: {
    readonly site: string;
    readonly entity: RefoldedEntity;
    readonly after: string | null;
    readonly limit: number;
  },
): Promise<{ checked: number; next: string | null; differ: string[]; tooLong: string[] }> =>
  atOnce(sql, async (transaction) => {
    const listed = await kinds[entity].next(transaction, site, after, limit);
    const lifeMax = eventsPerLifeMax[entity];
    const looked = fitting(listed, lifeMax);
    const keys = looked.filter(({ events }) => events <= lifeMax).map(({ key }) => key);
    const lives = await livesOf(transaction, { site, entity, keys });
    return {
      checked: keys.length,
      next: looked.length < listed.length || listed.length === limit ? (looked.at(-1)?.key ?? null) : null,
      differ: [...lives].filter(([, life]) => !compareLife(life).isSame).map(([key]) => key),
      tooLong: looked.filter(({ events }) => events > lifeMax).map(({ key }) => key),
    };
  });
