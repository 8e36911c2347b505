import { expect, test } from "vitest";
import { rulesOf, textsOf } from "./rule-texts.ts";

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

test("what is no number is named and nothing is sent", () => {
  expect(rulesOf({}, { ...empty, windowMs: "soon" })).toEqual({ wrong: "Window is not a number." });
});
