import { randomBytes } from "node:crypto";
import { ask, type Bus, openBus, request } from "@tagwire/bus";
import {
  AskContractAt,
  AskContractBoard,
  AskItemAt,
  AskSessionBoard,
  type Command,
  type CommandKind,
  type CommandResult,
  commandSubject,
  newId,
  positionText,
  type Scan,
} from "@tagwire/messages";
import { eventually, quietLog, startStack } from "@tagwire/testing";
import postgres from "postgres";
import { expect, test } from "vitest";

const site = "north";
const timeoutMs = 30_000;

type Body<K extends CommandKind> = Extract<Command, { kind: K }>["body"];

/** What the edge would hand in for somebody, one command at a time. */
const openDesk = (bus: Bus) => {
  const hand = <K extends CommandKind>(kind: K, body: Body<K>): Promise<CommandResult[K]> =>
    request(
      bus,
      commandSubject(site),
      {
        kind,
        id: newId(),
        by: { person: "ann", device: "tablet-1" },
        receivedAt: new Date().toISOString(),
        traceparent: `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-00`,
        body,
      },
      { timeoutMs },
    );
  const scan = async (type: Scan["type"], tags: readonly string[], more: Partial<Scan> = {}) => {
    const scannedAt = new Date().toISOString();
    const scans = tags.map((tag) => ({ id: newId(), tag, type, scannedAt, ...more }));
    const { receipts } = await hand("scans.record", { scans });
    return receipts;
  };
  return { hand, scan };
};

const tents = Array.from({ length: 12 }, (_, index) => `TENT-${String(index).padStart(2, "0")}`);
const napkins = Array.from({ length: 8 }, (_, index) => `NAPKIN-${index}`);

/** A day with everything in it that contracts, sessions and classes can be part of. */
const workADay = async (bus: Bus) => {
  const { hand, scan } = openDesk(bus);
  await hand("site.create", { id: site, name: "North", timeZone: "America/Chicago" });
  await hand("class.define", { class: "tent", define: { name: "Tent 20x20", category: "Frame Tent Tops" } });
  for (const tag of tents) await hand("item.create", { tag, class: "tent" });
  for (const tag of napkins) await hand("item.create", { tag, class: "napkin" });

  const dueAt = new Date(Date.now() + 86_400_000).toISOString();
  const lines = [{ class: "tent", quantity: 5 }];
  await hand("contract.open", {
    number: "1001",
    client: "Fair",
    outAt: new Date().toISOString(),
    dueAt,
    lines,
  });
  const checkout = newId();
  await hand("session.begin", { id: checkout, mode: "checkout", contract: "1001", station: "dock-gate" });
  await scan("rental", tents.slice(0, 4), { contract: "1001", session: checkout });
  await hand("session.close", { session: checkout, close: { count: 5, digest: "0".repeat(64) } });
  await scan("rental", tents.slice(4, 6), { contract: "1001", session: checkout });

  const count = newId();
  await hand("session.begin", { id: count, mode: "count", expected: [...tents.slice(6), "STRANGER"] });
  await scan("count", [...tents.slice(5, 9), "UNHEARD-OF"], { session: count });

  // By hand first, then the office has the number.
  await scan("rental", tents.slice(6, 9), { contract: "M-7" });
  const [before] = await scan("touch", tents.slice(9, 10));
  await hand("contract.open", { number: "1002", lines });
  await hand("contract.merge", { number: "M-7", into: "1002" });
  // One went out again without ever having come back, and some come back without saying from where.
  await scan("rental", tents.slice(0, 1), { contract: "1002" });
  const [returned] = await scan("return", tents.slice(1, 4));
  await scan("return", tents.slice(6, 8), { condition: { dirty: true } });
  await hand("contract.amend", { number: "1001", version: null, amend: { client: "Fair and Sons" } });
  await hand("contract.act", { number: "1001", act: "close" });

  await hand("contract.open", { number: "L9" });
  await scan("rental", napkins.slice(0, 5), { contract: "L9" });
  await hand("lot.record", {
    number: "L9",
    lot: { id: newId(), name: "aprons", quantity: 40, action: "added" },
  });
  await hand("contract.act", { number: "L9", act: "finalize" });
  await hand("lot.record", {
    number: "L9",
    lot: { id: newId(), name: "aprons", quantity: 2, action: "removed" },
  });
  await hand("contract.act", { number: "L9", act: "returned" });

  const undone = await hand("events.undo", { events: [returned?.event?.pos ?? 0], preview: false });
  return { checkout, before: before?.event, returned: returned?.event, undone };
};

/** What is different between what operations holds and what the manager made of the log. */
const differences = (sql: postgres.Sql) => sql<{ what: string; key: string }[]>`
  select 'contract' as what, coalesce(r.number, p.number) as key
  from operations.contract r full join manager.contract p using (site, number)
  where r.doc is distinct from p.contract
  union all
  select 'member', coalesce(r.contract, p.contract) || ' ' || coalesce(r.tag, p.tag)
  from operations.contract_member r full join manager.contract_member p using (site, contract, tag)
  where (r.class, r.state, r.out_at, r.back_at, r.pos)
    is distinct from (p.class, p.state, p.out_at::timestamptz, p.back_at::timestamptz, p.pos)
  union all
  select 'session', coalesce(r.id::text, p.id)
  from operations.session r full join manager.session p on r.site = p.site and r.id::text = p.id
  where r.doc is distinct from p.session
  union all
  select 'session tag', coalesce(r.session::text, p.session) || ' ' || coalesce(r.tag, p.tag)
  from operations.session_tag r
  full join manager.session_tag p on r.site = p.site and r.session::text = p.session and r.tag = p.tag
  where (r.expected, r.outcome, r.type, r.class, r.seen_at)
    is distinct from (p.expected, p.outcome, p.type, p.class, p.seen_at::timestamptz)
  union all
  select 'class', coalesce(r.class, p.class)
  from operations.class r full join manager.rental_class p using (site, class)
  where (r.name, r.short_name, r.category, r.subcategory, r.crew, r.place, r.version, r.pos)
    is distinct from (p.name, p.short_name, p.category, p.subcategory, p.crew, p.place, p.version, p.pos)`;

const positions = async (sql: postgres.Sql) => {
  const [row] = await sql<{ record: number; picture: number }[]>`
    select site.pos::int as record, coalesce(at.pos, 0)::int as picture
    from operations.site left join manager.site_position at using (site) where site = ${site}`;
  return row;
};

/** Waits until the manager has applied all there is; its schema may be away meanwhile. */
const level = (sql: postgres.Sql) =>
  eventually("the manager has applied the whole log", async () => {
    const at = await positions(sql).catch(() => undefined);
    return at !== undefined && at.record === at.picture;
  });

test("after a whole day the manager's contracts, sessions and classes are those of operations, also made anew", async () => {
  await using stack = await startStack({ services: ["operations", "manager"] });
  const bus = await openBus({ url: stack.natsUrl, name: "test", log: quietLog() });
  const sql = postgres(stack.databaseUrl, { max: 2, onnotice: () => {} });
  const { checkout, before, returned, undone } = await workADay(bus);
  expect(undone.undone).toMatchObject([{ outcome: "undone" }]);
  await level(sql);
  expect(await differences(sql)).toEqual([]);
  const [counted] = await sql<{ contracts: number; members: number; sessions: number; tags: number }[]>`
    select (select count(*)::int from manager.contract) as contracts,
      (select count(*)::int from manager.contract_member) as members,
      (select count(*)::int from manager.session) as sessions,
      (select count(*)::int from manager.session_tag) as tags`;
  expect(counted).toMatchObject({ contracts: 4, sessions: 2 });
  expect(counted?.members).toBeGreaterThan(10);
  expect(counted?.tags).toBeGreaterThan(12);

  const board = await ask(bus, AskContractBoard, { site, limit: 50, cursor: null });
  expect(board.rows.map(({ number }) => number)).toEqual(["1001", "1002", "L9", "M-7"]);
  const incomplete = { site, limit: 50, cursor: null, bucket: "incomplete" as const };
  expect((await ask(bus, AskSessionBoard, incomplete)).rows.map(({ id }) => id)).toEqual([checkout]);

  // As it was: the manual contract before it was merged, and an item before and after it came back, and after that was undone.
  const past = positionText(before ?? { epoch: 0, pos: 0 });
  const manual = await ask(bus, AskContractAt, { site, number: "M-7", at: past, limit: 50, cursor: null });
  expect(manual.contract).toMatchObject({ state: "open", progress: "all_out" });
  expect(manual.members.map(({ tag, state }) => [tag, state])).toEqual(
    tents.slice(6, 9).map((tag) => [tag, "out"]),
  );
  const statusAt = async (at: string) =>
    (await ask(bus, AskItemAt, { site, tag: "TENT-01", at })).item?.status;
  const { epoch = 0, pos = 0 } = returned ?? {};
  expect(await statusAt(positionText({ epoch, pos: pos - 1 }))).toBe("on_rent");
  expect(await statusAt(positionText({ epoch, pos }))).toBe("ready");
  expect(await statusAt(new Date().toISOString())).toBe("on_rent");
  expect(await statusAt("2020-01-01T00:00:00Z")).toBeUndefined();

  await sql`drop schema manager cascade`;
  await level(sql);
  expect(await differences(sql)).toEqual([]);
  await sql.end();
  await bus.close();
});
