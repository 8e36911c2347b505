import { claimLeases, type Leases, type Relay } from "@tagwire/actor";
import { canonicalJson, chainHash, chainStart } from "@tagwire/digest";
import {
  type Command,
  type Contract,
  type ContractMember,
  declaredEvents,
  foldContracts,
  foldItem,
  foldSessions,
  type Item,
  LoggedEvent,
  newId,
  refoldedEntities,
  refoldedPerQuestionMax,
  type Session,
  type SessionTag,
} from "@tagwire/messages";
import { openLog } from "@tagwire/service";
import { migrate, openStore, type Sql } from "@tagwire/store";
import { Compile } from "typebox/compile";
import { expect } from "vitest";
import type { Act } from "./actors/act.ts";
import type { Answer } from "./actors/site.ts";
import { traceparent } from "./actors/test-acts.ts";
import { findContracts } from "./store/contracts.ts";
import { type EventRow, eventOf } from "./store/events.ts";
import { findItems } from "./store/items.ts";
import { migrations } from "./store/migrations.ts";
import { refold, refolds } from "./store/refold.ts";
import { findSessions } from "./store/sessions.ts";
import { allViolations } from "./test-relations.ts";
import { createSiteTurns, type SiteTurns } from "./turns.ts";

/** A relay that ends in memory: what turns say is kept per site for the test to look at. */
const keepingRelay = (said: Map<string, LoggedEvent[]>, adopted: Adopted[]): Relay => ({
  adopt: (site, { pos: mark }, head) => void adopted.push({ site, mark, head }),
  offer: (site, events) => void said.set(site, [...(said.get(site) ?? []), ...events]),
  forget: () => {},
  lag: () => 0,
  lagSeconds: () => 0,
  stop: async () => {},
});

export type Adopted = { readonly site: string; readonly mark: number; readonly head: number };

export type Member = {
  readonly owner: string;
  readonly turns: SiteTurns;
  readonly leases: () => Leases;
  /** Events offered to the stream after their commits. */
  readonly said: ReadonlyMap<string, readonly LoggedEvent[]>;
  /** Where the relay was told to begin, each time. */
  readonly adopted: readonly Adopted[];
  /** Partitions that were lost, in their order. */
  readonly lost: readonly number[];
  readonly clock: { nowMs: number };
};

export type TestOperations = {
  readonly sql: Sql;
  readonly databaseUrl: string;
  /** A process that takes part: with leases of its own, or believing in those it is given. */
  readonly member: (options?: { ttlMs?: number; leases?: Leases; owner?: string }) => Promise<Member>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
};

/** Operations on an empty database of its own, without the bus: turns, leases and a clock that the test moves. */
export const testOperations = async (
  database: { readonly url: string } & AsyncDisposable,
): Promise<TestOperations> => {
  await using stack = new AsyncDisposableStack();
  stack.use(database);
  await migrate(database.url, "operations", migrations);
  const log = openLog("test", "silent");
  const store = await openStore({ url: database.url, schema: "operations", name: "test", log });
  stack.defer(store.close);
  const { sql } = store;
  const opened = stack.move();
  return {
    sql,
    databaseUrl: database.url,
    member: async (options = {}) => {
      const owner = options.owner ?? newId();
      const said = new Map<string, LoggedEvent[]>();
      const lost: number[] = [];
      const adopted: Adopted[] = [];
      const clock = { nowMs: Date.now() };
      const claimed =
        options.leases ??
        (await claimLeases({
          sql,
          owner,
          log,
          ttlMs: options.ttlMs ?? 60_000,
          gained: () => {},
          lost: (partition) => void lost.push(partition),
        }));
      if (options.leases === undefined) opened.defer(claimed.stop);
      const turns = createSiteTurns({
        sql,
        owner,
        leases: () => claimed,
        relay: keepingRelay(said, adopted),
        now: () => clock.nowMs,
        log,
      });
      return { owner, turns, leases: () => claimed, said, adopted, lost, clock };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
};

export const createSiteCommand = (site: string): Extract<Command, { kind: "site.create" }> => ({
  kind: "site.create",
  id: newId(),
  by: { person: "test" },
  receivedAt: new Date().toISOString(),
  traceparent,
  body: { id: site, name: site, timeZone: "Europe/Berlin" },
});

export const beginSite = async ({ turns }: Pick<Member, "turns">, site: string): Promise<void> => {
  const begun = await turns.tell(site, { kind: "create-site", command: createSiteCommand(site) });
  expect(begun).toMatchObject({ site: { id: site, pos: 1 }, created: true });
};

/** Tells acts to a site as one message and gives the answers to each. */
export const tellActs = async (
  { turns }: Pick<Member, "turns">,
  site: string,
  acts: readonly Act[],
): Promise<readonly (Answer | Error)[]> => {
  const answer = await turns.tell(site, { kind: "acts", acts });
  if (answer instanceof Error) throw answer;
  if (!("answers" in answer)) throw new Error("no answers");
  return answer.answers;
};

export const readLog = async (sql: Sql, site: string): Promise<LoggedEvent[]> =>
  (await sql<EventRow[]>`select * from event where site = ${site} order by epoch, pos`).map(eventOf);

const isEvent = Compile(LoggedEvent);
const isBody = new Map([...declaredEvents.keys()].map(({ type, body }) => [type as string, Compile(body)]));

/** What an event is declared to be, it is. Gives what is not so. */
const undeclared = (log: readonly LoggedEvent[]): string[] =>
  log.flatMap((event) => {
    const body = isBody.get(event.type);
    if (body === undefined) return [`${event.type} is not declared`];
    if (isEvent.Check(event) && body.Check(event.data)) return [];
    return [...isEvent.Errors(event), ...body.Errors(event.data)].map(
      ({ instancePath, message }) => `${event.type}${instancePath} ${message}`,
    );
  });

/**
 * What must hold of every site at every moment: positions dense from 1, one unbroken chain over the stored rows up to the
 * head, items equal to the fold of the events, and one event for each scan at most besides its quarantine.
 */
export const expectSound = async (sql: Sql, site: string): Promise<{ log: LoggedEvent[]; items: Item[] }> => {
  const log = await readLog(sql, site);
  expect(log.map(({ pos }) => pos)).toEqual(log.map((_, index) => index + 1));
  expect(undeclared(log)).toEqual([]);
  let hash = chainStart;
  const folded = new Map<string, Item>();
  for (const event of log) {
    const { hash: sealed, ...unsealed } = event;
    expect(unsealed.prevHash).toBe(hash);
    hash = chainHash(hash, canonicalJson(unsealed));
    expect(sealed).toBe(hash);
    if (event.tag === undefined) continue;
    const item = foldItem(folded.get(event.tag), event);
    if (item !== undefined) folded.set(event.tag, item);
  }
  await expectRecords(sql, site, log);
  const [head] = await sql<[{ pos: number; hash: string }]>`select pos, hash from site where site = ${site}`;
  expect(head).toEqual({ pos: log.length, hash });

  const tags = (await sql<{ tag: string }[]>`select tag from item where site = ${site}`).map(
    ({ tag }) => tag,
  );
  const byTag = (a: Item, b: Item) => (a.tag < b.tag ? -1 : 1);
  const items = (await findItems(sql, site, tags)).toSorted(byTag);
  expect(items).toEqual([...folded.values()].toSorted(byTag));
  await expectLives(sql, site);
  await expectRelations(sql, site);
  return { log, items };
};

/** What an audit says of each thing when it folds its life by itself: that its row is what its events come to. */
const expectLives = async (sql: Sql, site: string): Promise<void> => {
  for (const entity of refoldedEntities) {
    const differ: string[] = [];
    for (let after: string | null | undefined; after !== null; ) {
      const page = await refolds(sql, { site, entity, after: after ?? null, limit: refoldedPerQuestionMax });
      differ.push(...page.differ);
      after = page.next;
    }
    const lives = await Promise.all(differ.map((key) => refold(sql, { site, entity, key })));
    expect(lives.map(({ fields, row, folded }) => ({ entity, fields, row, folded }))).toEqual([]);
  }
};

/** And that everything belongs together. Stories are told of a day that may be long ago, so that what waits there waits for long. */
const expectRelations = async (sql: Sql, site: string): Promise<void> => {
  const violations = await allViolations(sql, site);
  expect(violations.filter(({ code }) => code !== "stuck_in_transit")).toEqual([]);
};

const byKey = <T>(rows: Iterable<T>, keyOf: (row: T) => string): T[] =>
  [...rows].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));

/** Contracts and sessions are what the log says of them, and their counts are those of their members. */
const expectRecords = async (sql: Sql, site: string, log: readonly LoggedEvent[]): Promise<void> => {
  const contracts = new Map<string, Contract>();
  const members = new Map<string, ContractMember>();
  const sessions = new Map<string, Session>();
  const tags = new Map<string, SessionTag>();
  const keyOf = (whole: string, part: string) => `${whole}\n${part}`;
  for (const event of log) {
    foldContracts(
      {
        contract: (number) => contracts.get(number),
        member: (number, tag) => members.get(keyOf(number, tag)),
        putContract: (contract) => void contracts.set(contract.number, contract),
        putMember: (member) => void members.set(keyOf(member.contract, member.tag), member),
        dropMember: (number, tag) => void members.delete(keyOf(number, tag)),
      },
      event,
    );
    foldSessions(
      {
        session: (id) => sessions.get(id),
        tag: (id, tag) => tags.get(keyOf(id, tag)),
        putSession: (session) => void sessions.set(session.id, session),
        putTag: (tag) => void tags.set(keyOf(tag.session, tag.tag), tag),
      },
      event,
    );
  }
  const storedContracts = await findContracts(sql, site, [...contracts.keys()]);
  const [{ count }] = await sql<
    [{ count: number }]
  >`select count(*)::int as count from contract where site = ${site}`;
  expect(count).toBe(contracts.size);
  for (const [number, { contract, members: own }] of storedContracts) {
    expect(contract).toEqual(contracts.get(number));
    const folded = [...members.values()].filter((member) => member.contract === number);
    expect(byKey(own.values(), ({ tag }) => tag)).toEqual(byKey(folded, ({ tag }) => tag));
    const counted = Object.values(contract.counts).reduce(
      (sum, one) => sum + one.staged + one.out + one.returned + one.notRecorded,
      0,
    );
    expect(counted).toBe(folded.length);
  }
  const storedSessions = await findSessions(sql, site, [...sessions.keys()]);
  expect(storedSessions.size).toBe(sessions.size);
  for (const [id, { session, tags: own }] of storedSessions) {
    expect(session).toEqual(sessions.get(id));
    const folded = [...tags.values()].filter((tag) => tag.session === id);
    expect(byKey(own.values(), ({ tag }) => tag)).toEqual(byKey(folded, ({ tag }) => tag));
    expect(session.seenTags).toBe(folded.filter(({ outcome }) => outcome === "seen").length);
    expect(session.foundTags).toBe(
      folded.filter(({ outcome, expected }) => outcome === "seen" && expected).length,
    );
  }
};
