import { expect, test } from "vitest";
import { failingWebhooks, type WebhookHealth } from "./webhook-failing.ts";

const atMs = (minute: number) => Date.parse("2026-03-01T08:00:00Z") + minute * 60_000;
const endpoint = (more: Partial<WebhookHealth> = {}): WebhookHealth => ({
  ...{ id: "e", url: "https://example.com/secret-path", isDisabled: false, why: null },
  ...{ sinceMs: atMs(0), canaryFailures: 0, succeededAtMs: atMs(1) },
  ...more,
});
/** The names of what is found about the one endpoint, given when its alert was opened. */
const found = (more: Partial<WebhookHealth>, openedAtMs?: number) => {
  const held = new Map(openedAtMs === undefined ? [] : [["e", { openedAtMs, key: "e/before" }]]);
  return failingWebhooks({}, [endpoint(more)], held)
    .get("e")
    ?.subjects.map(({ key }) => key);
};

const disabledAt = (minute: number) => `e/${new Date(atMs(minute)).toISOString()}`;

test.each([
  { what: "works", more: {}, keys: undefined },
  { what: "never took anything yet", more: { succeededAtMs: null }, keys: undefined },
  { what: "missed one canary", more: { canaryFailures: 1 }, keys: undefined },
  { what: "missed two canaries", more: { canaryFailures: 2 }, keys: ["e/canary"] },
  { what: "is gone", more: { isDisabled: true, why: "gone" as const }, keys: [disabledAt(0)] },
  { what: "gave up", more: { isDisabled: true, why: "exhausted" as const }, keys: [disabledAt(0)] },
  { what: "failed for days", more: { isDisabled: true, why: "failing" as const }, keys: [disabledAt(0)] },
  { what: "was disabled by a person", more: { isDisabled: true, why: "person" as const }, keys: undefined },
  {
    what: "was disabled after its canary failed",
    more: { isDisabled: true, why: "gone" as const, canaryFailures: 3 },
    keys: [disabledAt(0)],
  },
])("an endpoint that $what", ({ more, keys }) => {
  expect(found(more)).toEqual(keys);
});

test("enabling is not the end of it: something has to arrive, and after the endpoint was enabled", () => {
  const openedAtMs = atMs(10);
  expect(found({ sinceMs: atMs(20) }, openedAtMs)).toEqual(["e/before"]);
  expect(found({ sinceMs: atMs(20), succeededAtMs: atMs(15) }, openedAtMs)).toEqual(["e/before"]);
  expect(found({ sinceMs: atMs(20), succeededAtMs: null }, openedAtMs)).toEqual(["e/before"]);
  expect(found({ sinceMs: atMs(20), succeededAtMs: atMs(21) }, openedAtMs)).toBeUndefined();
  // Its canary failed while it was enabled all the time.
  expect(found({ succeededAtMs: atMs(9) }, openedAtMs)).toEqual(["e/before"]);
  expect(found({ succeededAtMs: atMs(11) }, openedAtMs)).toBeUndefined();
});

test("each time that it disables itself is told anew", () => {
  const gone = { isDisabled: true, why: "gone" as const };
  expect(found({ ...gone, sinceMs: atMs(30) }, atMs(10))).toEqual([disabledAt(30)]);
  expect(found({ ...gone, sinceMs: atMs(40) }, atMs(10))).toEqual([disabledAt(40)]);
});

test("tells the host and never the path, and looks only at the endpoints that are asked for", () => {
  const gone = { isDisabled: true, why: "gone" as const };
  const endpoints = [endpoint(gone), endpoint({ ...gone, id: "f" })];
  const sights = failingWebhooks({ webhooks: ["f"] }, endpoints);
  expect([...sights.keys()]).toEqual(["f"]);
  expect(JSON.stringify([...sights])).toContain("example.com: it answered 410");
  expect(JSON.stringify([...sights])).not.toContain("secret-path");
});
