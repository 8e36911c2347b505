import { expect, test } from "vitest";
import { warningsOf } from "./rule-warnings.ts";

const mail = { kind: "email", to: ["floor@example.com"] } as const;
const inApp = { kind: "in_app" } as const;
const push = { kind: "push" } as const;

const missing = { kind: "missing", params: {} } as const;
const findings = (...codes: string[]) => ({ kind: "finding_opened" as const, params: { codes } });

test.each([
  { rule: { channels: [inApp] }, codes: [] },
  { rule: { channels: [inApp], ...findings("tag_unknown") }, codes: [] },
  // What nothing finds so far may be found one day.
  {
    rule: { channels: [inApp], ...findings("tag_unknown", "stock_differs") },
    codes: ["finding_code_unknown"],
  },
  { rule: { channels: [] }, codes: ["no_recipient"] },
  { rule: { channels: [push] }, codes: ["no_recipient"] },
  { rule: { channels: [push] }, subscriptions: 1, codes: [] },
  { rule: { channels: [inApp, { ...mail, to: [...mail.to] }] }, codes: ["mail.unset"] },
  { rule: { channels: [{ ...mail, to: [...mail.to] }] }, isMailSet: true, codes: [] },
  // Whom it is escalated to counts, too.
  { rule: { channels: [inApp], escalateTo: { channels: [push] } }, codes: ["no_recipient"] },
])(
  "$rule with $subscriptions subscriptions warns of $codes",
  ({ rule, subscriptions = 0, isMailSet = false, codes }) => {
    expect(warningsOf({ ...missing, ...rule }, { subscriptions, isMailSet }).map(({ code }) => code)).toEqual(
      codes,
    );
  },
);
