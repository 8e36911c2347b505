import {
  contractView,
  foldItem,
  type Item,
  ItemCreated,
  itemEvents,
  type LoggedEvent,
  ScanDismissed,
  ScanQuarantined,
} from "@tagwire/messages";
import { migrate, openStore, type Store } from "@tagwire/store";
import { quietLog, testDatabase } from "@tagwire/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { applyBatch } from "../projecting/batch.ts";
import { migrations, schema } from "../store/migrations.ts";
import { entries, happenings } from "../test-happenings.ts";
import { type Happening, type SampleLog, sampleLog } from "../test-log.ts";
import { type Entry, enter, foundSite, recordsOf } from "../test-records.ts";
import { answerClassCounts } from "./class-counts.ts";
import { answerContractAt } from "./contract-at.ts";

const hourMs = 3_600_000;
const startMs = Date.UTC(2026, 0, 1, 20);

/** Five hours between two events: a handful of them is a day, and days begin elsewhere than at midnight of UTC. */
const slowLog = (site: string, what: readonly Happening[], then: readonly Entry[]): SampleLog => {
  const log = sampleLog({ site, startMs, stepMs: 5 * hourMs });
  foundSite(log, "America/Chicago");
  for (const happening of what) log.happen(happening);
  for (const entry of then) enter(log, entry);
  return log;
};

const apply = async (store: Store<unknown>, log: SampleLog, batchEvents: number): Promise<void> => {
  const { site, epoch, events } = log;
  for (let from = 0; from < events.length; from += batchEvents) {
    const batch = events.slice(from, from + batchEvents);
    await store.sql.begin((transaction) => applyBatch(transaction, batch, Date.now()));
  }
  await store.sql`
    insert into site_position (site, epoch, pos, hash) values (${site}, ${epoch}, ${events.length}, '')`;
};

const openEmpty = async (url: string): Promise<Store<unknown>> => {
  await migrate(url, schema, migrations);
  return openStore({ url, schema, name: "test", log: quietLog() });
};

const itemTypes: ReadonlySet<string> = new Set(itemEvents.map(({ type }) => type));

/** How many items of each class the log leaves in each status. */
const recount = (events: readonly LoggedEvent[]): Map<string, number> => {
  const items = new Map<string, Item>();
  for (const event of events) {
    const after = itemTypes.has(event.type) ? foldItem(items.get(event.tag ?? ""), event) : undefined;
    if (after !== undefined) items.set(after.tag, after);
  }
  const classes = new Map<string, number>();
  for (const item of items.values()) classes.set(item.class, (classes.get(item.class) ?? 0) + 1);
  return classes;
};

/** How many scans the log leaves waiting: those of tags that nobody commissioned or dismissed since. */
const heldIn = (events: readonly LoggedEvent[]): number => {
  const held = new Map<string, number>();
  for (const { type, tag = "" } of events) {
    if (type === ItemCreated.type || type === ScanDismissed.type) held.delete(tag);
    if (type === ScanQuarantined.type) held.set(tag, (held.get(tag) ?? 0) + 1);
  }
  return [...held.values()].reduce((sum, count) => sum + count, 0);
};

const recordedAtOf = (log: SampleLog, pos: number): string => {
  const event = log.events[pos - 1];
  if (event === undefined) throw new RangeError(`nothing at ${pos}`);
  return event.recordedAt;
};

test("at every position, and at the instant of each, classes have the items that the log up to there leaves", async () => {
  await using database = await testDatabase();
  const store = await openEmpty(database.url);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(happenings, entries, fc.integer({ min: 1, max: 30 }), async (what, then, cut) => {
      run += 1;
      const log = slowLog(`site-${run}`, what, then);
      await apply(store, log, cut);
      const ask = (at?: string) =>
        answerClassCounts(store.sql, { site: log.site, ...(at === undefined ? {} : { at }) }, Date.now());
      for (let pos = 1; pos <= log.events.length; pos += 1) {
        const expected = recount(log.events.slice(0, pos));
        for (const at of [`1:${pos}`, recordedAtOf(log, pos)]) {
          const { classes, totals } = await ask(at);
          const found = classes
            .filter(({ total }) => total > 0)
            .map((row) => [row.class, row.total] as const);
          expect([at, new Map(found)]).toEqual([at, expected]);
          expect([at, totals.quarantined]).toEqual([at, heldIn(log.events.slice(0, pos))]);
          expect(totals.total).toBe([...expected.values()].reduce((sum, count) => sum + count, 0));
        }
      }
      const { epoch: _epoch, pos: _pos, asOf: _asOf, ...now } = await ask();
      expect(await ask(`1:${log.events.length}`)).toMatchObject(now);
    }),
    { numRuns: 12 },
  );
  await store.close();
});

test("at every position, and at the instant of each, contracts and their items are what the log up to there says", async () => {
  await using database = await testDatabase();
  const store = await openEmpty(database.url);
  let run = 0;
  const stock: Happening[] = ["A", "B", "C"].map((tag) => ({
    kind: "create",
    tag,
    class: "tent",
    status: "ready",
  }));
  await fc.assert(
    fc.asyncProperty(entries, fc.integer({ min: 1, max: 30 }), async (then, cut) => {
      run += 1;
      const log = slowLog(`site-${run}`, stock, then);
      await apply(store, log, cut);
      for (let pos = 1; pos <= log.events.length; pos += 1) {
        const { contracts, members } = recordsOf(log.events.slice(0, pos));
        for (const number of ["1001", "M-1"])
          for (const at of [`1:${pos}`, recordedAtOf(log, pos)]) {
            const question = { site: log.site, number, at, limit: 200, cursor: null };
            const answer = await answerContractAt(store.sql, question, Date.now());
            const contract = contracts.get(number);
            const own = [...members.values()].filter((member) => member.contract === number);
            expect(answer.contract).toEqual(contract === undefined ? null : contractView(contract));
            expect(answer.members).toEqual(own.sort((left, right) => (left.tag < right.tag ? -1 : 1)));
          }
      }
    }),
    { numRuns: 12 },
  );
  await store.close();
});

test("a page of a contract's items leads to the next one", async () => {
  await using database = await testDatabase();
  const store = await openEmpty(database.url);
  const log = sampleLog({ site: "north" });
  for (let at = 0; at < 23; at += 1) {
    log.happen({ kind: "create", tag: `T${String(at).padStart(2, "0")}`, class: "tent", status: "ready" });
    enter(log, { kind: "rent", tag: `T${String(at).padStart(2, "0")}`, contract: "1001" });
  }
  await apply(store, log, 10);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const question = { site: "north", number: "1001", at: `1:${log.events.length}`, limit: 10, cursor };
    const page: Awaited<ReturnType<typeof answerContractAt>> = await answerContractAt(
      store.sql,
      question,
      Date.now(),
    );
    seen.push(...page.members.map(({ tag }) => tag));
    cursor = page.next;
  } while (cursor !== null);
  expect(seen).toEqual([...log.items.keys()]);
  await store.close();
});

test.each([
  { what: "no moment", at: "yesterday", code: "malformed" },
  { what: "a position that has not come yet", at: "1:999", code: "event_unknown" },
  { what: "a position of another history", at: "2:1", code: "epoch_unknown" },
  { what: "an instant that has not come yet", at: "2999-01-01T00:00:00Z", code: "event_unknown" },
])("$what is refused with $code", async ({ at, code }) => {
  await using database = await testDatabase();
  const store = await openEmpty(database.url);
  const log = slowLog("north", [{ kind: "create", tag: "A", class: "tent", status: "ready" }], []);
  await apply(store, log, 10);
  await expect(answerClassCounts(store.sql, { site: "north", at }, Date.now())).rejects.toMatchObject({
    code,
  });
  const question = { site: "north", number: "1", at, limit: 10, cursor: null };
  await expect(answerContractAt(store.sql, question, Date.now())).rejects.toMatchObject({ code });
  await store.close();
});

test("before the first event there is nothing, and an unknown site is said to be one", async () => {
  await using database = await testDatabase();
  const store = await openEmpty(database.url);
  const log = slowLog("north", [{ kind: "create", tag: "A", class: "tent", status: "ready" }], []);
  await apply(store, log, 10);
  const before = { site: "north", at: "2020-01-01T00:00:00Z" };
  expect(await answerClassCounts(store.sql, before, Date.now())).toMatchObject({
    known: true,
    pos: 0,
    classes: [],
  });
  const elsewhere = { site: "south", at: "2020-01-01T00:00:00Z" };
  expect(await answerClassCounts(store.sql, elsewhere, Date.now())).toMatchObject({
    known: false,
    classes: [],
  });
  await store.close();
});
