import { bucketOf, keptBuckets } from "@tagwire/digest";
import { newId, rulesInParts, violationsPerAnswerMax } from "@tagwire/messages";
import { expect, test } from "vitest";
import { originOf } from "./actors/test-acts.ts";
import { findBroken, findRelations, recordRules } from "./store/relations.ts";
import { type Member, type TestOperations, tellActs } from "./test-operations.ts";
import { allViolations, relationPages } from "./test-relations.ts";
import { eachOnItsSite, type Told } from "./test-told.ts";

/* What breaks the rules of the record is told page after page, so that however much it is, all of it can be seen. */

let operations: TestOperations;
let site: string;
let told: Told;
let member: Member;
eachOnItsSite((ground) => {
  ({ operations, site, told, member } = ground);
});

const strangers = violationsPerAnswerMax * 2 + 30;

test("every violation is told once, a page at a time, and a page says how many more break its rule", async () => {
  const { sql } = operations;
  await told.stock(["x1"]);
  await told.done("contract.open", { number: "A" });
  expect(await allViolations(sql, site)).toEqual([]);
  await sql`
    insert into contract_member (site, contract, tag, class, state, pos)
    select ${site}, 'A', 'STRANGER-' || number, 'class ' || number, 'returned', 1 from generate_series(1, ${strangers}) number`;
  await sql`update item set class = 'none' where site = ${site}`;
  const pages = await relationPages(sql, site);
  const all = pages.flatMap(({ violations }) => violations);
  const of = (wanted: string) => all.filter(({ code }) => code === wanted);
  expect(new Set(of("orphan_member").map(({ key }) => key)).size).toBe(strangers);
  expect(of("orphan_member")).toHaveLength(strangers);
  // One contract, and a line for each class of it: the words tell them apart.
  expect(new Set(of("contract_quantity").map(({ detail }) => detail)).size).toBe(strangers);
  expect(of("class_unknown")).toMatchObject([{ key: "x1" }]);
  expect(all).toHaveLength(strangers * 2 + 1);
  expect(
    pages
      .map(({ left }) => left)
      .filter((left) => left > 0)
      .slice(0, 2),
  ).toEqual([strangers - 199, strangers - 399]);
  for (const { violations } of pages) expect(violations.length).toBeLessThanOrEqual(violationsPerAnswerMax);
});

test("an EPC that is read from two chips is told, and not one of which readers read more or less of the same number", async () => {
  await told.stock(["x1", "x2"]);
  const hear = (tag: string, tid: string, place: string) => {
    const id = newId();
    const scannedAt = new Date().toISOString();
    const origin = originOf({ by: { reader: "dock" }, receivedAt: scannedAt });
    const scan = { id, tag, type: "touch", scannedAt, place } as const;
    const evidence = { reads: 3, peakRssiDbm: -50, tid };
    return tellActs(member, site, [{ kind: "scan", id, origin, scan, evidence }]);
  };
  const cloned = async () =>
    (await allViolations(operations.sql, site)).map(({ code, key, detail }) => [code, key, detail]);
  await hear("x1", "E280110520001111", "dock");
  await hear("x1", "E28011052000111122223333", "hall");
  await hear("x2", "E280110520001111", "dock");
  expect(await cloned()).toEqual([]);
  await hear("x2", "E280110520002222", "hall");
  expect(await cloned()).toEqual([
    ["tag_cloned", "x2", "read from the chips E280110520001111, E280110520002222"],
  ]);
});

test("an EPC that is carried at one site and scanned at another within minutes is told, and another label that both may have is not", async () => {
  const { sql } = operations;
  const other = `${site}-other`;
  const [epc, label] = ["E280689000000000000000AB", "TENT-1"];
  await told.stock([epc, label]);
  const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  const wait = (tag: string, minutes: number) => {
    const heard = JSON.stringify({ scan: { scannedAt: at(minutes) } });
    return sql`
      insert into quarantine (site, scan_id, tag, heard, received_at)
      values (${other}, ${newId()}, ${tag}, ${heard}::text::jsonb, now())`;
  };
  const found = async () =>
    (await allViolations(sql, other))
      .filter(({ code }) => code === "travel_impossible")
      .map(({ key, detail }) => [key, detail]);
  const [id, scannedAt] = [newId(), at(60)];
  const origin = originOf({ by: { reader: "dock" }, receivedAt: scannedAt });
  await tellActs(member, site, [
    { kind: "scan", id, origin, scan: { id, tag: epc, type: "touch", scannedAt, place: "dock" } },
  ]);
  await wait(label, 60);
  await wait(epc, 30);
  expect(await found()).toEqual([]);
  await wait(epc, 55);
  expect(await found()).toEqual([[epc, `carried at ${site}, and scanned here within 10 minutes of there`]]);
});

test("whoever writes off very many things by hand within an hour is told, and not whoever does it to fewer", async () => {
  const { sql } = operations;
  await told.stock(["x1"]);
  // As the log has it of each: what is counted is how many things, and by whom.
  const writeOff = (person: string, things: number) => sql`
    insert into event (site, epoch, pos, id, type, tag, received_at, recorded_at, by, traceparent, data, prev_hash, hash)
    select site, epoch, pos + 1000 + number * 2 + ${person === "bob" ? 1 : 0}::int, gen_random_uuid(), 'item.edited.v1',
      'GONE-' || number, received_at, now(), ${JSON.stringify({ person })}::text::jsonb, traceparent,
      '{"set": {"status": "retired"}}', prev_hash, hash
    from event, generate_series(1, ${things}) number where site = ${site} and pos = 1`;
  const found = async () =>
    (await allViolations(sql, site)).filter(({ code }) => code === "mass_change").map(({ key }) => key);
  await writeOff("ann", 500);
  expect(await found()).toEqual([]);
  await writeOff("bob", 501);
  expect(await found()).toEqual(["bob"]);
});

test("a rule that takes too long is told, and those after it are asked all the same", async () => {
  const rule = { code: "class_unknown", entity: "item" } as const;
  const slow = { ...rule, sql: "select 'k' as key, 'd' as detail from pg_sleep(600) where $1 <> ''" };
  const quick = { ...rule, entity: "class", sql: "select $1 as key, 'd' as detail" };
  expect(await findBroken(operations.sql, site, [slow, quick], { withinMs: 100 })).toMatchObject({
    late: [rule],
    violations: [{ entity: "class", key: site }],
    next: null,
  });
});

test("what is asked of some buckets at a time is told in one part, and only there", async () => {
  const { sql } = operations;
  await told.stock(["x1", "x2", "x3"]);
  await told.done("contract.open", { number: "A" });
  const session = newId();
  for (const broken of [
    sql`insert into contract_member (site, contract, tag, class, state, pos) values (${site}, 'A', 'STRANGER', 'tent', 'returned', 1)`,
    sql`insert into contract_member (site, contract, tag, class, state, pos) values (${site}, 'NONE', 'x1', 'tent', 'out', 1)`,
    sql`insert into session_tag (site, session, tag, expected, outcome) values (${site}, ${newId()}, 'x1', false, 'seen')`,
    sql`insert into session (site, id, state, duplicates, version, pos, doc)
      values (${site}, ${session}, 'closed', 1, 1, 1, '{"seenTags": 7}')`,
    sql`update item set status = 'on_rent', contract = 'A' where site = ${site} and tag = 'x2'`,
    sql`delete from item where site = ${site} and tag = 'x3'`,
    sql`insert into thing_name (site, name, tag) values (${site}, 'urn:epc:7', 'x1'), (${site}, 'urn:epc:7', 'x2')`,
  ])
    await broken;
  const inParts = recordRules.filter((rule) => rule.inParts);
  expect(new Set(inParts.map(({ code, entity }) => `${code} ${entity}`))).toEqual(
    new Set(rulesInParts.map(({ code, entity }) => `${code} ${entity}`)),
  );
  // The first of them tells those that ask where they begin.
  const { partsFrom, rules } = await findRelations(sql, site);
  expect(recordRules.slice(partsFrom, rules)).toEqual(inParts);
  const lines = async (buckets?: number[]) =>
    (await findBroken(sql, site, inParts, { buckets })).violations.map((one) => JSON.stringify(one)).sort();
  const all = await lines();
  expect(new Set(all.map((line) => JSON.parse(line).code))).toEqual(new Set(inParts.map(({ code }) => code)));
  const bucketsOf = (line: string) => bucketOf(JSON.parse(line).key, keptBuckets);
  for (const line of all) expect(await lines([bucketsOf(line)])).toContain(line);
  const elsewhere = Array.from({ length: keptBuckets }, (_, bucket) => bucket).filter(
    (bucket) => !all.some((line) => bucketsOf(line) === bucket),
  );
  expect(await lines(elsewhere)).toEqual([]);
});
