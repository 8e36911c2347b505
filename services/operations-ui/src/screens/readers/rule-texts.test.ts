import { ReadRules, tagIdentities, wantedTagsMax } from "@tagwire/messages";
import { expect, test } from "vitest";
import { beginningsMax, identityWords, ruleFields, rulesOf, textsOf } from "./rule-texts.ts";

const empty = textsOf({});

test("what is in the fields is what is kept, in the units of people", () => {
  const rules = { minRssiDbm: -62.5, reReportMs: 90_000, tags: ["30", "E2"], identity: "both" as const };
  const texts = textsOf(rules);
  const told = { minRssiDbm: "-62.5", reReportMs: "90", tags: "30 E2", identity: "both" };
  expect(texts).toEqual({ ...empty, ...told });
  expect(rulesOf(rules, texts)).toEqual({ rules });
});

test.each([
  { what: "an emptied field is as everywhere", before: { minReads: 3 }, texts: empty, rules: {} },
  {
    what: "emptied wanted tags and another name are as everywhere",
    before: { tags: ["30"], identity: "tid" as const },
    texts: empty,
    rules: {},
  },
  { what: "all tags stay all tags", before: { tags: [] }, texts: empty, rules: { tags: [] } },
  {
    what: "beginnings of tags may have spaces, commas and lines between them",
    before: {},
    texts: { ...empty, tags: " 3034, urn:epc:id:sgtin:0614141. \nhttps://id.example/01/ " },
    rules: { tags: ["3034", "urn:epc:id:sgtin:0614141.", "https://id.example/01/"] },
  },
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
  {
    texts: { tags: "30 CHAIR" },
    wrong: "Wanted tags begin with hex, with urn:epc:id: or with https: — CHAIR does not.",
  },
  {
    texts: { tags: Array(65).fill("30").join(" ") },
    wrong: "64 beginnings of wanted tags at most; these are 65.",
  },
  { texts: { departMs: "0,5" }, wrong: "Gone after is a number from 1 to 604,800 (s)." },
])("$wrong", ({ texts, wrong }) => {
  expect(rulesOf({}, { ...empty, ...texts })).toEqual({ wrong });
});

test("every rule has a field", () => {
  expect(Object.keys(empty).toSorted()).toEqual(Object.keys(ReadRules.properties).toSorted());
  expect(Object.keys(identityWords)).toEqual(tagIdentities);
});

test("beginnings of tags have the bounds of the schema", () => {
  expect(beginningsMax).toBe(wantedTagsMax);
  const { maxLength } = ReadRules.properties.tags.items as { readonly maxLength?: number };
  const longest = "3".repeat(maxLength ?? 0);
  expect(rulesOf({}, { ...empty, tags: longest })).toEqual({ rules: { tags: [longest] } });
  expect(rulesOf({}, { ...empty, tags: `${longest}3` })).toHaveProperty("wrong");
});

type Bounds = { readonly minimum?: number; readonly maximum?: number; readonly anyOf?: readonly Bounds[] };

test.each(ruleFields)("$name has the bounds of the schema", ({ name, least, most }) => {
  const schema = ReadRules.properties[name] as Bounds;
  const { minimum, maximum } = schema.anyOf?.[0] ?? schema;
  expect([minimum, maximum]).toEqual([least, most]);
});
