import type { AlertKind, AlertParams } from "@tagwire/messages";
import { expect, test } from "vitest";
import { paramsOf, ruleDefaults, ruleFields, textsOf, wrongField } from "./rule-fields.ts";

const kinds = Object.keys(ruleFields) as AlertKind[];

test.each(kinds)("what a new rule of the kind %s begins with is whole", (kind) => {
  const texts = ruleDefaults[kind];
  expect(wrongField(kind, texts)).toBeUndefined();
  expect(textsOf(kind, paramsOf(kind, texts))).toMatchObject(texts);
});

const examples: readonly { kind: AlertKind; params: AlertParams }[] = [
  { kind: "stale", params: { days: 30, limits: [{ name: "dock 4", days: 7 }] } },
  { kind: "overdue", params: { days: 2, kinds: ["rental", "manual"] } },
  { kind: "missing", params: { classes: ["Chair, folding", "6m frame"] } },
  { kind: "queue_age", params: { hours: { wash: 48, wet: 0.5 } } },
  { kind: "reader_silent", params: { minutes: 5, minutesWithoutReads: 60, readers: ["gate-1"] } },
  { kind: "finding_opened", params: { codes: ["tag_unknown"], severities: ["critical"] } },
  { kind: "webhook_failing", params: { webhooks: ["3f2504e0-4f89-41d3-9a0c-0305e82c3301"] } },
  {
    kind: "threshold",
    params: {
      ...{
        figure: "/totals/missing",
        comparator: ">=",
        value: 3,
        clearValue: 1,
        steps: [5, 10],
        forSeconds: 60,
      },
    },
  },
];

test.each(examples)("a rule of the kind $kind comes out of its form as it went in", ({ kind, params }) => {
  expect(paramsOf(kind, textsOf(kind, params))).toEqual(params);
});

test.each([
  { kind: "stale", texts: { days: "" }, field: "days" },
  { kind: "stale", texts: { days: "9", limits: "resale" }, field: "limits" },
  { kind: "threshold", texts: { ...ruleDefaults.threshold, steps: "1; many" }, field: "steps" },
  { kind: "reader_silent", texts: { minutes: "soon" }, field: "minutes" },
] as const)("a form of the kind $kind with $texts is told to mend $field", ({ kind, texts, field }) => {
  expect(wrongField(kind, texts)?.name).toBe(field);
});
