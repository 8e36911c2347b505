import { type Alert, type AlertChange, WebhookAlertMessage, webhookBodyBytesMax } from "@tagwire/messages";
import { Value } from "typebox/value";
import { expect, test } from "vitest";
import { alertBodyOf, endpointsOf } from "./webhook-alert.ts";

const at = "2026-03-01T08:00:00.000Z";
const id = "01939f0e-5b2a-7c11-9d44-2f6f1f0b7a10";
const change: AlertChange = { what: "raised", at, by: "tagwire", why: null, count: 20 };
const alertWith = (examples: Alert["examples"]): Alert => ({
  ...{ id, site: "north", rule: id, kind: "missing", name: "Missing", severity: "warning", group: "" },
  ...{ state: "raised", count: 20, examples, openedAt: at, changedAt: at, acknowledgedBy: null },
  ...{ snoozedUntil: null, resolvedAt: null, resolvedBy: null, reopened: 0, notifiedAt: null },
  ...{ epoch: 1, pos: 7, asOf: at, version: 3 },
});
const examples = (detail: string) =>
  Array.from({ length: 20 }, (_, index) => ({ key: `T${index}`, since: at, detail }));

test("a change is told with the alert as it is after it", () => {
  const alert = alertWith(examples("tent"));
  const message = JSON.parse(alertBodyOf(alert, change, 12));
  expect([...Value.Errors(WebhookAlertMessage, message)]).toEqual([]);
  expect(message).toEqual({
    type: "alert.raised.v1",
    timestamp: at,
    data: { site: "north", number: 12, change, alert, link: `/api/v1/sites/north/alerts/${id}` },
  });
});

test.each([
  { what: "half of the examples", detail: "\u{1f3aa}".repeat(400), least: 5 },
  { what: "no example", detail: "x".repeat(webhookBodyBytesMax), least: 0 },
])("a message that has room for $what stays within its bound", ({ detail, least }) => {
  const text = alertBodyOf(alertWith(examples(detail)), change, 12);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(webhookBodyBytesMax);
  const { data } = JSON.parse(text);
  expect(data.alert.count).toBe(20);
  expect(data.alert.examples.length).toBeGreaterThanOrEqual(least);
  expect(data.alert.examples.length).toBeLessThan(20);
});

test("the endpoints of a rule are told, each once, but not of their own failing", () => {
  const channels = [{ kind: "in_app" as const }, { kind: "webhook" as const, webhooks: ["a", "b", "a"] }];
  expect(endpointsOf({ channels }, { kind: "missing", group: "a" })).toEqual(["a", "b"]);
  expect(endpointsOf({ channels }, { kind: "webhook_failing", group: "a" })).toEqual(["b"]);
  expect(endpointsOf({ channels: [{ kind: "push" }] }, { kind: "missing", group: "" })).toEqual([]);
});
