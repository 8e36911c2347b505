import { ReadRules } from "@tagwire/messages";
import { expect, test } from "vitest";
import { otherRuleTexts, ruleFields, rulesOf, textsOf } from "./rule-texts.ts";

const empty = textsOf({});

test("what is in the fields is what is kept, in the units of people", () => {
  const rules = { minRssiDbm: -62.5, reReportMs: 90_000, tags: ["30"] };
  const texts = textsOf(rules);
  expect(texts).toEqual({ ...empty, minRssiDbm: "-62.5", reReportMs: "90" });
  expect(rulesOf(rules, texts)).toEqual({ rules });
});

test.each([
  { what: "an emptied field is as everywhere", before: { minReads: 3 }, texts: empty, rules: {} },
  {
    what: "any strength stays any strength",
    before: { minRssiDbm: null },
    texts: empty,
    rules: { minRssiDbm: null },
  },
  {
    what: "a comma and a minus of print are read",
    before: {},
    texts: { ...empty, minRssiDbm: "−60,5", departMs: " 12 " },
    rules: { minRssiDbm: -60.5, departMs: 12_000 },
  },
])("$what", ({ before, texts, rules }) => {
  expect(rulesOf(before, texts)).toEqual({ rules });
});

test.each([
  { texts: { windowMs: "soon" }, wrong: "Window is a number from 10 to 60,000 (ms)." },
  { texts: { minRssiDbm: "50" }, wrong: "Least strength is a number from −120 to 0 (dBm)." },
  { texts: { departMs: "0,5" }, wrong: "Gone after is a number from 1 to 604,800 (s)." },
])("$wrong", ({ texts, wrong }) => {
  expect(rulesOf({}, { ...empty, ...texts })).toEqual({ wrong });
});

test("every rule has a field, or is told in a sentence", () => {
  const fields: readonly string[] = ruleFields.map(({ name }) => name);
  const told = { tags: ["30", "urn:epc:id:sgtin:0614141."], identity: "both" as const };
  expect([...fields, ...Object.keys(told)].toSorted()).toEqual(Object.keys(ReadRules.properties).toSorted());
  expect(otherRuleTexts(told)).toEqual([
    "Only tags that begin so are wanted: 30, urn:epc:id:sgtin:0614141.",
    "A tag's name is its EPC, and two chips with one EPC are told apart.",
  ]);
  expect(otherRuleTexts({ tags: [] })).toEqual([]);
});

type Bounds = { readonly minimum?: number; readonly maximum?: number; readonly anyOf?: readonly Bounds[] };

test.each(ruleFields)("$name has the bounds of the schema", ({ name, least, most }) => {
  const schema = ReadRules.properties[name] as Bounds;
  const { minimum, maximum } = schema.anyOf?.[0] ?? schema;
  expect([minimum, maximum]).toEqual([least, most]);
});
