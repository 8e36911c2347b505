import { bucketOf, keptBuckets } from "@tagwire/digest";
import { expect, test } from "vitest";
import { bucketsRuled, rulePartsOf } from "./rule-parts.ts";

const share = 1 / 286;
const at = (rows: number, more: Partial<Parameters<typeof rulePartsOf>[0]> = {}) =>
  rulePartsOf({
    ...{ from: 0, share, shareWhileLate: share, known: [] },
    rowsOf: (entity) => (entity === "item" ? rows : 0),
    ...more,
  });

test("a site of a hundred thousand rows is looked at whole, and one of ten million in a day", () => {
  expect(at(100_000)).toMatchObject({ parts: [{ length: keptBuckets }], due: keptBuckets });
  const [seen, firstOf]: [Set<number>, number[]] = [new Set(), []];
  for (let [audits, from] = [0, 0]; audits < 286; audits += 1) {
    const { parts, due } = at(10_000_000, { from });
    firstOf.push(parts.flat().length);
    for (const bucket of parts.flat()) seen.add(bucket);
    from = (from + due) % keptBuckets;
  }
  expect(seen.size).toBe(keptBuckets);
  expect(Math.max(...firstOf)).toBeLessThanOrEqual(41);
});

test("after a day without audits everything is due, in questions that are no larger than others", () => {
  const { parts, due } = at(10_000_000, { from: 7, share: 1 });
  expect(new Set(parts.flat()).size).toBe(keptBuckets);
  expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(40);
  expect(due).toBe(keptBuckets);
});

test("what was found is looked at again in every audit, wherever that has come to", () => {
  const key = "1001 TENT-04";
  const known = [
    { code: "orphan_member", entity: "member", key },
    { code: "orphan_contract", entity: "item", key: "TENT-05" },
  ] as const;
  const bucket = bucketOf(key, keptBuckets);
  const from = (bucket + 100) % keptBuckets;
  const parts = at(10_000_000, { from, known }).parts.flat();
  expect(parts).toContain(bucket);
  expect(parts).toHaveLength(at(10_000_000, { from }).parts.flat().length + 1);
});

test("a row that cannot be read has no bucket: all are looked at until it can", () => {
  const known = [{ code: "record_unreadable", entity: "contract", key: "contract_quantity" }] as const;
  expect(new Set(at(10_000_000, { known }).parts.flat()).size).toBe(keptBuckets);
});

test("a part that was late has its turn again, and what was found before has no part in how far they are", () => {
  const known = [{ code: "orphan_member", entity: "member", key: "1001 TENT-04" }] as const;
  const all = at(10_000_000, { from: 7, share: 0.5, known });
  expect(all.parts.length).toBeGreaterThan(3);
  expect(bucketsRuled(all, undefined)).toBe(keptBuckets / 2);
  expect(bucketsRuled(all, 2)).toBe((all.parts[0]?.length ?? 0) * 2);
  expect(bucketsRuled(all, 0)).toBe(0);
  expect(bucketsRuled({ ...all, due: 3 }, 2)).toBe(3);
});

test("while a rule in parts is late no more is asked than falls due in an interval; one that is asked whole has no part in it", () => {
  const late = (key: string) => [{ code: "rule_late", entity: "site", key }] as const;
  expect(at(10_000_000, { share: 1, known: late("session_count session") }).due).toBe(at(10_000_000).due);
  expect(at(10_000_000, { share: 1, known: late("double_rental item") }).due).toBe(keptBuckets);
  // A site that is looked at whole every time still is.
  expect(at(100_000, { known: late("session_count session") }).due).toBe(keptBuckets);
});
