import { openBus } from "@tagwire/bus";
import type { Audit, Finding, FindingAct, FindingDetail, HealedFinding } from "@tagwire/messages";
import { type Answer, quietLog, type Stack, startStack } from "@tagwire/testing";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { napkins, openDesk, site, tents, workADay } from "./test-day.ts";
import { silently } from "./test-fault.ts";

const setUpTimeoutMs = 180_000;
const testTimeoutMs = 180_000;
/** More than one kind may have in an audit before it is one trouble. */
const manyChairs = Array.from({ length: 60 }, (_, index) => `CHAIR-${String(index).padStart(2, "0")}`);
/** On the shelf since they were commissioned. */
const [shelved = "", otherShelved = "", thirdShelved = ""] = tents.slice(9);

let stack: Stack;
let sql: postgres.Sql;
const keys = new Map<string, string>();

beforeAll(async () => {
  stack = await startStack({
    services: ["operations", "manager", "health-check", "api-gateway"],
    env: { AUDIT_EVERY_SECONDS: "86400" },
  });
  sql = postgres(stack.databaseUrl, { max: 2, onnotice: () => {} });
  const bus = await openBus({ url: stack.natsUrl, name: "test", log: quietLog() });
  await workADay(bus);
  const { hand } = openDesk(bus);
  for (const tag of manyChairs) await hand("item.create", { tag, class: "chair", quality: "A" });
  await bus.close();
  for (const name of ["ann", "bob"]) {
    const { body } = await stack.call("POST", "/keys", { name });
    keys.set(name, (body as { key: string }).key);
  }
}, setUpTimeoutMs);
afterAll(async () => {
  await sql?.end();
  await stack?.[Symbol.asyncDispose]();
});

const traceId = "0af7651916cd43dd8448eb211c80319c";
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
const as = (who: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  stack.call(method, `/sites/${site}${path}`, body, {
    authorization: `Bearer ${keys.get(who)}`,
    traceparent,
  });

const audit = async (): Promise<Audit> => (await as("ann", "POST", "/audits")).body as Audit;
const findings = async (states: string): Promise<Finding[]> =>
  ((await as("ann", "GET", `/findings?state=${states}&limit=200`)).body as { data: Finding[] }).data;
const openOne = async (code: string, key: string): Promise<Finding> => {
  const found = (await findings("open,acknowledged,in_review")).find(
    (one) => one.code === code && one.key === key,
  );
  if (found === undefined) throw new Error(`${code} ${key} is not open`);
  return found;
};
const detail = async (id: string): Promise<FindingDetail> =>
  (await as("ann", "GET", `/findings/${id}`)).body as FindingDetail;
const act = (who: string, { id }: Finding, what: FindingAct, body: object = {}) =>
  as(who, "POST", `/findings/${id}:${what}`, body);
const heal = async (who: string, finding: Finding, body: object = {}) => {
  const { status, body: answer } = await act(who, finding, "heal", body);
  return { status, ...(answer as HealedFinding & { code: string }) };
};
const told = async (id: string) => (await detail(id)).history.map(({ what }) => what).reverse();

/** Everything that a preview must not touch. */
const everything = () => sql`
  select (select count(*)::int from operations.event) as events, (select count(*)::int from health_check.line) as lines,
    (select json_agg(item order by tag) from operations.item) as record, (select json_agg(item order by tag) from manager.item) as picture,
    (select json_agg(site_position) from manager.site_position) as position,
    (select json_agg(digest order by entity, bucket) from operations.digest) as digests,
    (select json_agg(finding order by id) from health_check.finding) as findings`;

/** Audits until nothing is wrong any more: what is gone has to be gone twice. */
const settle = async (): Promise<void> => {
  for (let audits = 0; audits < 3; audits += 1) await audit();
  expect(await findings("suspect,open,acknowledged,in_review")).toEqual([]);
};

test(
  "a preview says in numbers what a remedy would do, and changes nothing",
  async () => {
    expect((await audit()).verdict).toBe("agree");
    await sql`update manager.item set quality = 'C-' where tag = ${shelved}`;
    await sql`
      insert into operations.digest_delta (site, entity, bucket, rows, a, b, c, d)
      select site, 'item', operations.tagwire_bucket(tag, 4096), 0, 1, 0, 0, 0 from operations.item where tag = ${otherShelved}`;
    await sql`update operations.item set notes = 'somebody was here', place = 'nowhere' where tag = ${thirdShelved}`;
    await audit();
    const differs = await openOne("field_diff", shelved);
    const drifted = (await findings("open")).find(({ code }) => code === "digest_drift");
    const unexplained = await openOne("state_unexplained", thirdShelved);
    if (drifted === undefined) throw new Error("no drift");
    const before = await everything();

    const [{ pos }] = await sql<[{ pos: number }]>`
      select pos::int as pos from operations.site where site = ${site}`;
    expect(await heal("ann", differs, { preview: true })).toMatchObject({
      ...{ status: 200, id: differs.id, state: "open", version: differs.version },
      healing: { outcome: "healing", plan: { remedy: "replay", events: pos, isStaleMeanwhile: true } },
    });
    const [side = "", bucket] = drifted.key.split(" ");
    const recount = (await heal("ann", drifted, { preview: true })).healing.plan;
    expect(recount).toMatchObject({ remedy: "recount", side, entity: "item", bucket: Number(bucket) });
    const { kept, counted } = recount.remedy === "recount" ? recount : { kept: "", counted: "" };
    expect(drifted.evidence.sums).toEqual({ kept, counted });
    expect((await heal("ann", unexplained, { preview: true })).healing).toEqual({
      outcome: "proposed",
      plan: {
        ...{ remedy: "edit", tag: thirdShelved, version: 1 },
        fields: [
          { field: "place", is: "nowhere", becomes: null },
          { field: "notes", is: "somebody was here", becomes: null },
        ],
      },
    });
    expect(await everything()).toEqual(before);

    // And whoever means it is heard.
    for (const one of [differs, drifted]) expect((await heal("ann", one)).healing.outcome).toBe("healing");
    expect((await heal("ann", unexplained)).healing.outcome).toBe("proposed");
    expect((await heal("bob", unexplained)).healing.outcome).toBe("healing");
    await settle();
    expect(await told(differs.id)).toEqual(["opened", "healing", "auto_healed"]);
  },
  testTimeoutMs,
);

test(
  "a field of the record that was changed past Tagwire is set back by an ordinary edit when a second person says so, and audits prove it",
  async () => {
    const tag = napkins[7] ?? "";
    const edits = () => sql<{ by: unknown; traceparent: string }[]>`
      select by, traceparent from operations.event where tag = ${tag} and type = 'item.edited.v1'`;
    const quality = () => sql`
      select record.quality as record, picture.quality as picture
      from operations.item record join manager.item picture using (site, tag) where tag = ${tag}`;
    await sql`update operations.item set quality = 'C-' where tag = ${tag}`;
    expect(await audit()).toMatchObject({ verdict: "differ", found: [{ code: "state_unexplained" }] });
    const finding = await openOne("state_unexplained", tag);
    expect(finding).toMatchObject({ severity: "critical", remedy: "edit" });

    expect(await heal("ann", finding, { why: "a script wrote there" })).toMatchObject({
      ...{ status: 200, state: "in_review", proposedBy: "ann", healing: { outcome: "proposed" } },
    });
    expect(await edits()).toEqual([]);
    expect(await heal("ann", finding)).toMatchObject({ status: 409, code: "second_person_required" });
    expect((await heal("ann", finding, { preview: true })).healing.outcome).toBe("refused");
    // The second word about how it was resolved is another one.
    expect((await act("bob", finding, "resolve", { resolution: "fixed_forward" })).body).toMatchObject({
      ...{ state: "in_review", proposedBy: "bob" },
    });
    expect((await heal("ann", finding)).healing.outcome).toBe("proposed");
    expect(await edits()).toEqual([]);

    // Pressed twice at once it is one edit, of whoever heals.
    const presses = await Promise.all([heal("bob", finding), heal("bob", finding)]);
    const statuses = presses.map(({ status }) => status);
    expect(statuses).toContain(200);
    expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([]);
    expect(await edits()).toMatchObject([{ by: { device: "bob" } }]);
    expect((await edits())[0]?.traceparent).toContain(traceId);
    expect(await quality()).toMatchObject([{ record: null }]);
    expect(await heal("ann", finding)).toMatchObject({ status: 409, code: "finding_state" });
    await settle();
    expect((await audit()).verdict).toBe("agree");
    expect(await quality()).toEqual([{ record: null, picture: null }]);
    const { history } = await detail(finding.id);
    const [opened, first, second, third, ...then] = await told(finding.id);
    expect([opened, first, second, third]).toEqual([
      ...["opened", "heal_proposed", "proposed", "heal_proposed"],
    ]);
    expect([...new Set(then)]).toEqual(["healing", "auto_healed"]);
    const [healing] = history.filter(({ what }) => what === "healing");
    expect(healing).toMatchObject({
      by: "bob",
      why: expect.stringMatching(/^quality set back by event 1:\d+$/),
    });
  },
  testTimeoutMs,
);

test(
  "each field that an edit sets is set back, even where it was written past every trigger",
  async () => {
    const written = {
      ...{ status: "wash", quality: "C-", place: "nowhere", role: "sold", notes: "somebody was here" },
    };
    const columns = Object.entries(written);
    const record = () => sql`
      select tag, status, quality, place, role, notes from operations.item where tag = any(${manyChairs}) order by tag`;
    const before = await record();
    for (const [index, [column, value]] of columns.entries())
      await sql`update operations.item set ${sql({ [column]: value })} where tag = ${manyChairs[index] ?? ""}`;
    const hidden = manyChairs[columns.length] ?? "";
    await silently(
      sql,
      (transaction) => transaction`update operations.item set ${transaction(written)} where tag = ${hidden}`,
    );
    await audit();
    for (const tag of manyChairs.slice(0, columns.length + 1)) {
      const finding = await openOne("state_unexplained", tag);
      expect((await heal("ann", finding)).healing.outcome).toBe("proposed");
      expect(await heal("bob", finding)).toMatchObject({ status: 200, healing: { outcome: "healing" } });
    }
    // What was kept of the bucket has not seen the one that went past it, and is counted anew.
    await audit();
    const [drifted, ...others] = await findings("open");
    expect([drifted?.code, others]).toEqual(["digest_drift", []]);
    if (drifted !== undefined) expect((await heal("ann", drifted)).status).toBe(200);
    await settle();
    expect(await record()).toEqual(before);
  },
  testTimeoutMs,
);

test(
  "what an edit does not set has no remedy, and what is wrong again after a restart is healed again",
  async () => {
    const [tag = "", other = ""] = napkins.slice(5);
    const sell = () => sql`update operations.item set role = 'sold' where tag = ${other}`;
    const healed = async (): Promise<Finding> => {
      const finding = await openOne("state_unexplained", other);
      expect((await heal("ann", finding)).healing.outcome).toBe("proposed");
      expect((await heal("bob", finding)).healing.outcome).toBe("healing");
      await settle();
      expect(await sql`select role from operations.item where tag = ${other}`).toEqual([{ role: null }]);
      return detail(finding.id);
    };
    await sql`update operations.item set version = version + 1 where tag = ${tag}`;
    await sell();
    await audit();
    const versions = await openOne("state_unexplained", tag);
    expect(versions.remedy).toBe("none");
    expect(await heal("ann", versions, { preview: true })).toMatchObject({
      status: 409,
      code: "finding_state",
    });
    await sql`update operations.item set version = version - 1 where tag = ${tag}`;

    expect(await healed()).toMatchObject({ state: "auto_healed", reopened: 0 });
    // An owner that has just begun knows the item by its row alone.
    await stack.service("operations").kill();
    await stack.start("operations");
    await sell();
    await audit();
    expect(await healed()).toMatchObject({ state: "auto_healed", reopened: 1 });
  },
  testTimeoutMs,
);

test(
  "a finding in whose place another comes is superseded by it, and open again when it is seen again",
  async () => {
    const tag = napkins[6] ?? "";
    await sql`update manager.item set quality = 'B' where tag = ${tag}`;
    await audit();
    const differs = await openOne("field_diff", tag);
    expect((await act("ann", differs, "acknowledge")).status).toBe(200);
    await sql`update operations.item set quality = 'C' where tag = ${tag}`;
    await audit();
    const unexplained = await openOne("state_unexplained", tag);
    expect(await detail(differs.id)).toMatchObject({
      ...{ state: "superseded", evidence: { supersededBy: unexplained.id } },
      history: [{ what: "superseded", why: expect.stringContaining(unexplained.id) }, {}, {}],
    });
    expect(await heal("ann", differs)).toMatchObject({ status: 409, code: "finding_state" });

    await sql`update operations.item set quality = null where tag = ${tag}`;
    await audit();
    expect(await detail(differs.id)).toMatchObject({ state: "open", reopened: 1 });
    expect((await detail(differs.id)).evidence).not.toHaveProperty("supersededBy");
    expect(await detail(unexplained.id)).toMatchObject({
      ...{ state: "superseded", evidence: { supersededBy: differs.id } },
    });
    await sql`update manager.item set quality = null where tag = ${tag}`;
    await settle();
    expect((await detail(differs.id)).state).toBe("auto_healed");
  },
  testTimeoutMs,
);

test(
  "where more buckets differ than an audit looks into, each thing is named by turns, and what was known before is neither lost nor healed unseen",
  async () => {
    const first = napkins.slice(5);
    await sql`update manager.item set quality = 'B' where tag = any(${first})`;
    await audit();
    const known = await Promise.all(first.map((tag) => openOne("field_diff", tag)));
    await sql`update manager.item set quality = 'B' where tag = any(${manyChairs})`;
    // Two turns go through all of them.
    const turns = async () => {
      for (let nth = 0; nth < 2; nth += 1) await audit();
    };
    await turns();
    await openOne("systemic", "item");
    const opened = await Promise.all([...first, ...manyChairs].map((tag) => openOne("field_diff", tag)));
    expect(opened.map(({ id }) => id)).toEqual(expect.arrayContaining(known.map(({ id }) => id)));
    // Whatever comes while there are so many is named, wherever it stands among them, and those before it stay findings.
    const late = napkins[0] ?? "";
    await sql`update manager.item set quality = 'B' where tag = ${late}`;
    await turns();
    await openOne("field_diff", late);
    const before = await findings("open");
    await turns();
    expect((await findings("open")).map(({ id }) => id).sort()).toEqual(before.map(({ id }) => id).sort());
    await sql`update manager.item set quality = null where tag = any(${[late, ...first]})`;
    await sql`update manager.item set quality = 'A' where tag = any(${manyChairs})`;
    await settle();
    for (const { id } of opened) expect((await detail(id)).state).toBe("auto_healed");
  },
  testTimeoutMs,
);
