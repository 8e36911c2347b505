import { ask, type Bus, openBus } from "@tagwire/bus";
import { AskContractAt, AskContractBoard, AskItemAt, AskSessionBoard, positionText } from "@tagwire/messages";
import { eventually, quietLog, startStack } from "@tagwire/testing";
import postgres from "postgres";
import { expect, test } from "vitest";
import { digestsAtBarrier } from "./test-barrier.ts";
import { site, tents, workADay } from "./test-day.ts";

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

/** Both sides have kept the same digests, of every entity there is. */
const expectSameAtBarrier = async (bus: Bus) => {
  const { operations, said, manager } = await digestsAtBarrier(bus, site);
  expect(manager).toEqual(operations);
  expect(said).toEqual(operations);
  expect(Object.values(operations)).not.toContain("0:0:0:0:0");
};

test("after a whole day the manager's contracts, sessions and classes are those of operations, also made anew", async () => {
  await using stack = await startStack({ services: ["operations", "manager"] });
  const bus = await openBus({ url: stack.natsUrl, name: "test", log: quietLog() });
  const sql = postgres(stack.databaseUrl, { max: 2, onnotice: () => {} });
  const { checkout, before, returned, undone } = await workADay(bus);
  expect(undone.undone).toMatchObject([{ outcome: "undone" }]);
  await level(sql);
  expect(await differences(sql)).toEqual([]);
  await expectSameAtBarrier(bus);
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
  await expectSameAtBarrier(bus);
  await sql.end();
  await bus.close();
});
