import { newId, type RefoldedEntity } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { expect, test } from "vitest";
import { readLives } from "./store/lives.ts";
import { refold, refolds } from "./store/refold.ts";
import { verifyLog } from "./store/verify-log.ts";
import { expectSound, type TestOperations } from "./test-operations.ts";
import { allViolations, relationPages } from "./test-relations.ts";
import { eachOnItsSite, type Told } from "./test-told.ts";

/* What the log alone can tell: each column of each row that is folded again, wrong in the same way on both sides or on one. */

let operations: TestOperations;
let site: string;
let told: Told;
eachOnItsSite((ground) => {
  ({ operations, site, told } = ground);
});

const session = newId();

/** A story after which nothing of a row is as it was before anybody said something of it, so that every column may be wrong. */
const tellStory = async () => {
  await told.done("item.create", { tag: "x1", class: "chair" });
  await told.done("item.create", { tag: "x2", class: "chair" });
  await told.done("contract.open", {
    ...{
      number: "L1",
      client: "Party",
      outAt: "2026-05-04T09:00:00.000Z",
      dueAt: "2026-05-09T09:00:00.000Z",
    },
    lines: [{ class: "chair", quantity: 2 }],
  });
  await told.done("lot.record", {
    number: "L1",
    lot: { id: newId(), name: "aprons", quantity: 7, action: "added" },
  });
  await told.done("session.begin", {
    ...{ id: session, mode: "count", place: "hall", station: "door", expected: ["x1"] },
  });
  await told.receipt("x1", { type: "count", session, place: "hall" });
  await told.receipt("nobody", { type: "count", session });
  await told.done("session.close", { session, close: {} });
  await told.receipt("x1", { type: "rental", contract: "L1" });
  await told.receipt("x1", { type: "return" });
  await told.receipt("x1", { type: "stage", contract: "L1" });
  await told.done("contract.act", { number: "L1", act: "finalize" });
  await told.done("class.define", { class: "chair", define: { name: "Chair, white", crew: "linen" } });
};

type Row = Record<string, unknown>;

type Place = {
  readonly table: string;
  readonly entity: RefoldedEntity;
  readonly key: string;
  /** Where the row is. */
  readonly where: string;
  /** By what it is found: another one there is another row. */
  readonly keys: readonly string[];
  /** Columns of which the log says nothing. */
  readonly unsaid?: readonly string[];
};

const places: readonly Place[] = [
  { table: "item", entity: "item", key: "x1", where: "tag = 'x1'", keys: ["tag"] },
  {
    ...{
      table: "contract_member",
      entity: "item",
      key: "x1",
      where: "tag = 'x1'",
      keys: ["contract", "tag"],
    },
  },
  { table: "contract", entity: "contract", key: "L1", where: "number = 'L1'", keys: ["number"] },
  {
    ...{ table: "session", entity: "session", key: session, where: `id = '${session}'`, keys: ["id"] },
    // A repeat is counted, and no event: whoever counts another number is found by what is counted beside it.
    unsaid: ["duplicates"],
  },
  {
    ...{
      table: "session_tag",
      entity: "session",
      key: session,
      where: `session = '${session}' and tag = 'x1'`,
    },
    keys: ["session", "tag"],
  },
  { table: "class", entity: "class", key: "chair", where: "class = 'chair'", keys: ["class"] },
];

/** Words that a column may hold besides any other: the first that it does not hold is what it is made. */
const words: Readonly<Record<string, readonly string[]>> = {
  status: ["wash", "ready"],
  kind: ["rental", "manual"],
  "contract.state": ["closed", "open"],
  "contract_member.state": ["returned", "out"],
  "session.state": ["open", "closed"],
  crew: ["tent", "linen"],
  outcome: ["rejected", "seen"],
};

const isId = /^[0-9a-f]{8}-/;

const another = (table: string, column: string, value: unknown): unknown => {
  const allowed = words[`${table}.${column}`] ?? words[column];
  if (allowed !== undefined) return allowed.find((word) => word !== value);
  if (typeof value === "string" && isId.test(value)) return newId();
  if (value instanceof Date) return new Date(value.getTime() + 1);
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  if (Array.isArray(value)) return [...value, "more"];
  if (typeof value === "object" && value !== null) return { ...value, more: 1 };
  return `${value ?? ""}!`;
};

/** What an audit is told of each thing of a kind: the keys of those that are not what their events come to. */
const differing = async (entity: RefoldedEntity): Promise<string[]> =>
  (await refolds(operations.sql, { site, entity, after: null, limit: 100 })).differ;

/** Rows of a column, or of a field of the whole that a column keeps, that can be made wrong: a name, and how. */
const wrongs = async (sql: Sql, { table, where, keys }: Place) => {
  const [row] = await sql.unsafe<Row[]>(`select * from ${table} where site = '${site}' and ${where}`);
  if (row === undefined) throw new Error(`nothing is in ${table}`);
  const types = await sql<{ name: string; type: string }[]>`
    select column_name as name, data_type as type from information_schema.columns
    where table_schema = current_schema() and table_name = ${table}`;
  return types
    .filter(({ name }) => name !== "site" && !keys.includes(name))
    .flatMap(({ name, type }) => {
      const value: unknown = row[name];
      // An instant that nobody told is made one.
      const isInstant = type.startsWith("timestamp");
      const made = isInstant && value === null ? new Date() : another(table, name, value);
      const given = type === "jsonb" ? (value === null ? { more: 1 } : made) : made;
      const whole = { what: name, column: name, type, was: value, is: given };
      if (name !== "doc") return [whole];
      return Object.entries(value as Row).map(([field, own]) => ({
        ...{ what: `doc ${field}`, column: name, type, was: value },
        is: { ...(value as Row), [field]: another(table, field, own) },
      }));
    });
};

const save = async (sql: Sql, { table, where }: Place, column: string, type: string, value: unknown) => {
  const given = type === "jsonb" && value !== null ? JSON.stringify(value) : value;
  const { count } = await sql.unsafe(
    `update ${table} set ${column} = $1::text::${type} where site = '${site}' and ${where}`,
    [given instanceof Date ? given.toISOString() : given === null ? null : String(given)],
  );
  expect(count, `${table} ${column}`).toBe(1);
};

test.each(places)(
  "whatever is wrong with a row of $table, the events of the $entity say so",
  async (place) => {
    const { sql } = operations;
    await tellStory();
    await expectSound(sql, site);
    const silent: string[] = [];
    const all = await wrongs(sql, place);
    for (const { what, column, type, was, is } of all) {
      await save(sql, place, column, type, is);
      const differ = await differing(place.entity);
      const { isSame, fields } = await refold(sql, { site, entity: place.entity, key: place.key });
      if (!differ.includes(place.key) || isSame || fields.length === 0) silent.push(what);
      await save(sql, place, column, type, was);
    }
    expect(silent).toEqual(place.unsaid ?? []);
    expect(all.length).toBeGreaterThan(4);
    expect(await differing(place.entity)).toEqual([]);
  },
);

test("a contract is folded whole, however its events reach it: also what left it for another, and what it became one with", async () => {
  const { sql } = operations;
  await told.stock(["x1", "x2"]);
  await told.receipt("x1", { type: "rental", contract: "M-1" });
  await told.receipt("x2", { type: "rental", contract: "M-1" });
  // The event names the contract that it went to; that it left the other one only its moves say.
  await told.receipt("x1", { type: "rental", contract: "A" });
  await told.done("contract.merge", { number: "M-1", into: "B" });
  await expectSound(sql, site);
  for (const number of ["A", "B"]) {
    const tally = (out: number) => sql`
      update contract set doc = jsonb_set(doc, '{counts,chair,out}', ${out}::text::jsonb) where site = ${site} and number = ${number}`;
    await tally(9);
    expect(await differing("contract")).toEqual([number]);
    expect(await refold(sql, { site, entity: "contract", key: number })).toMatchObject({
      fields: ["counts"],
    });
    await tally(1);
  }
  expect(await differing("contract")).toEqual([]);
});

test("events that nobody can fold any more are told of the one that they are of, and hide nothing else", async () => {
  const { sql } = operations;
  await told.stock(["x1", "x2", "x3"]);
  await told.receipt("x1", { type: "rental", contract: "M-1" });
  await told.done("contract.merge", { number: "M-1", into: "B" });
  await sql`update event set data = '{}' where site = ${site} and type = 'contract.merged.v1'`;
  await sql`update item set notes = 'somebody was here' where site = ${site} and tag = 'x3'`;
  expect((await differing("contract")).sort()).toEqual(["B", "M-1"]);
  expect(await refold(sql, { site, entity: "contract", key: "B" })).toMatchObject({ isSame: false });
  expect(await differing("item")).toEqual(["x1", "x3"]);
});

test("what is gone without a trace is missed by its events, and what a refused scan named is not", async () => {
  const { sql } = operations;
  await tellStory();
  await told.receipt("x1", { type: "return", contract: "NEVER", session: newId() });
  await told.receipt("nobody", { type: "rental", contract: "NEVER" });
  const pages = await relationPages(sql, site);
  const violations = pages.flatMap((page) => page.violations);
  const rules = pages[0]?.rules;
  expect(violations).toEqual([]);
  await sql`delete from contract_member where site = ${site}`;
  for (const table of ["contract", "session_tag", "session", "class"])
    await sql`delete from ${sql(table)} where site = ${site}`;
  const found = (await allViolations(sql, site)).filter(({ code }) => code === "orphan_history");
  expect(found.map(({ entity, key }) => `${entity} ${key}`).sort()).toEqual([
    "class chair",
    "contract L1",
    `session ${session}`,
  ]);
  expect(rules).toBeGreaterThan(10);
});

test("whatever is wrong with an event, the log no longer carries its own hashes", async () => {
  const { sql } = operations;
  await tellStory();
  const [{ pos } = { pos: 0 }] = await sql<{ pos: number }[]>`
    select pos from event where site = ${site} and session is not null and tag is not null and scan_id is not null
    order by pos limit 1`;
  const place: Place = {
    ...{ table: "event", entity: "item", key: "x1", where: `pos = ${pos}`, keys: ["epoch", "pos"] },
  };
  const stretch = { site, epoch: 1, after: 0, limit: 500 };
  expect((await verifyLog(sql, stretch)).broken).toEqual([]);
  const silent: string[] = [];
  const all = await wrongs(sql, place);
  for (const { what, column, type, was, is } of all) {
    await save(sql, place, column, type, is);
    if ((await verifyLog(sql, stretch)).broken.length === 0) silent.push(what);
    await save(sql, place, column, type, was);
  }
  expect(silent).toEqual([]);
  expect(all.length).toBeGreaterThan(12);
  await sql`delete from event where site = ${site} and pos = ${pos}`;
  expect((await verifyLog(sql, stretch)).broken.length).toBeGreaterThan(0);
});

test("an event that was recorded before the one before it is named wherever it is, at the seam of two stretches, too", async () => {
  const { sql } = operations;
  await tellStory();
  const [{ epoch }] = await sql<[{ epoch: number }]>`select epoch from site where site = ${site}`;
  const disordered = async (after: number) =>
    (await verifyLog(sql, { site, epoch, after, limit: 1_000 })).disordered;
  expect(await disordered(0)).toEqual([]);
  await sql`update event set recorded_at = recorded_at - interval '1 year' where site = ${site} and pos in (4, 7)`;
  expect(await disordered(0)).toEqual([4, 7]);
  expect(await disordered(3)).toEqual([4, 7]);
  expect(await disordered(4)).toEqual([7]);
});

test("each of several events that are gone is named", async () => {
  const { sql } = operations;
  await tellStory();
  const [{ epoch }] = await sql<[{ epoch: number }]>`select epoch from site where site = ${site}`;
  await sql`delete from event where site = ${site} and pos in (3, 4, 6)`;
  const { broken } = await verifyLog(sql, { site, epoch, after: 0, limit: 1_000 });
  expect(broken.filter(({ why }) => why === "gap").map(({ pos }) => pos)).toEqual([3, 4, 6]);
});

/** Makes the newest event of a tag so many more, each with so many bytes in it. What audits keep of events does not matter here. */
const repeatEvent = async (tag: string, count: number, bytes = 0): Promise<void> => {
  const atOnce = 4_000;
  for (let done = 0; done < count; done += atOnce)
    await operations.sql.begin(async (transaction) => {
      await transaction`set local session_replication_role = replica`;
      await transaction`
        insert into event select made.*
        from (select * from event where site = ${site} and tag = ${tag} order by pos desc limit 1) newest,
          generate_series(1, ${Math.min(atOnce, count - done)}) as one (at),
          lateral jsonb_populate_record(null::event, to_jsonb(newest) || jsonb_build_object(
            'pos', newest.pos + at, 'data', newest.data || jsonb_build_object('padding', repeat('x', ${bytes}::int)))) made`;
    });
};

test("a life that is too long to be folded is said to be, and not taken for the same", async () => {
  const { sql } = operations;
  await told.stock(["x2", "x1"]);
  await repeatEvent("x1", 20_000);
  await sql`update item set notes = 'somebody was here' where site = ${site}`;
  const page = await refolds(sql, { site, entity: "item", after: null, limit: 10 });
  expect(page).toEqual({ checked: 1, next: null, differ: ["x2"], tooLong: ["x1"] });
  expect(await refold(sql, { site, entity: "item", key: "x1" })).toMatchObject({ isTooLong: true });
  expect(await refold(sql, { site, entity: "item", key: "x2" })).not.toHaveProperty("isTooLong");
});

test("a life that is too long for one answer is read a stretch at a time, whole and in order", async () => {
  const { sql } = operations;
  await told.stock(["x1", "x2"]);
  await repeatEvent("x2", 2_100, 1_000);
  const [{ pos } = { pos: 0 }] = await sql<{ pos: number }[]>`
    select max(pos)::int as pos from event where site = ${site}`;
  const asked = { site, entity: "item", keys: ["x2"], until: { epoch: 1, pos: pos - 1 } } as const;
  expect(await readLives(sql, asked)).toMatchObject({ told: 1, skipped: ["x2"], events: [] });
  const seen: number[] = [];
  let stretches = 0;
  for (let after: { epoch: number; pos: number } | null = { epoch: 0, pos: 0 }; after !== null; ) {
    const stretch: Awaited<ReturnType<typeof readLives>> = await readLives(sql, { ...asked, after });
    seen.push(...stretch.events.map((event) => event.pos));
    expect(Buffer.byteLength(JSON.stringify(stretch.events))).toBeLessThan(1_000_000);
    stretches += 1;
    after = stretch.next ?? null;
  }
  expect(stretches).toBeGreaterThan(3);
  expect(seen).toEqual(Array.from({ length: 2_100 }, (_, at) => at + 3));
});
