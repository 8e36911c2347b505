import { eventually } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openLive } from "../live/test-live.ts";
import { adminKey, startService, type TestGateway, testGateway } from "../test-gateway.ts";
import { examples } from "./examples.ts";

/* The addresses of alerts, in front of the real operations and manager. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
const rules = "/api/v1/sites/north/alert-rules";
const alerts = "/api/v1/sites/north/alerts";

beforeAll(async () => {
  gateway = stack.use(await testGateway());
  const env = { ALERTS_EVERY_SECONDS: "0.2" };
  for (const name of ["operations", "manager"]) stack.use(await startService(name, { ...gateway, env }));
  const site = { id: "north", name: "North", timeZone: "Europe/Berlin" };
  expect((await gateway.ask("POST", "/api/v1/sites", site)).status).toBe(201);
});
afterAll(() => stack.disposeAsync());

const makeMissing = async (tag: string) => {
  const created = await gateway.ask("POST", "/api/v1/sites/north/items", { tag, class: "tent" });
  expect(created.status).toBe(201);
  const headers = { authorization: `Bearer ${adminKey}`, "if-match": "*" };
  const patched = await gateway.ask(
    "PATCH",
    `/api/v1/sites/north/items/${tag}`,
    { status: "missing" },
    headers,
  );
  expect(patched.status).toBe(200);
};

test("a site begins with rules, which can be added to, changed and deleted", async () => {
  const first = await gateway.ask("GET", rules);
  expect(first.body.data.map(({ kind }: { kind: string }) => kind)).toEqual([
    ...["stale", "missing", "queue_age", "reader_silent", "overdue", "finding_opened", "webhook_failing"],
  ]);
  const rule = {
    kind: "threshold",
    name: "Unknown tags",
    params: { figure: "/totals/quarantined", comparator: ">", value: 5, forSeconds: 0 },
  };
  const key = "01939f0e-5b2a-7c11-9d44-2f6f1f0b7a10";
  const headers = { authorization: `Bearer ${adminKey}`, "idempotency-key": key };
  const added = await gateway.ask("POST", rules, rule, headers);
  expect(added).toMatchObject({
    status: 201,
    body: { id: key, severity: "warning", enabled: true, channels: [{ kind: "in_app" }], changedBy: "admin" },
  });
  expect(added.headers.get("location")).toBe(`${rules}/${key}`);
  // Again the same, and another under the same id.
  expect((await gateway.ask("POST", rules, rule, headers)).body).toEqual(added.body);
  const other = await gateway.ask("POST", rules, { ...rule, name: "Other" }, headers);
  expect(other).toMatchObject({ status: 409, body: { code: "id_reused" } });
  const patched = await gateway.ask("PATCH", `${rules}/${key}`, {
    enabled: false,
    quietHours: { from: "20:00", to: "06:00" },
  });
  expect(patched).toMatchObject({ status: 200, body: { enabled: false, version: 2 } });
  const wrong = await gateway.ask("PATCH", `${rules}/${key}`, { params: { minutes: 3 } });
  expect(wrong).toMatchObject({ status: 400, body: { code: "malformed" } });
  const watch = (figure: string) => ({ params: { ...rule.params, figure } });
  const nonsense = await gateway.ask("POST", rules, { ...rule, ...watch("/nonsense/x") });
  expect(nonsense).toMatchObject({ status: 400, body: { code: "figure_unknown" } });
  expect(nonsense.body.detail).toContain("totals");
  const misspelt = await gateway.ask("PATCH", `${rules}/${key}`, watch("/totals/quarantind"));
  expect(misspelt).toMatchObject({ status: 400, body: { code: "figure_unknown" } });
  // Who audits names codes of its own: a rule may wait for one that nothing finds so far, and is told that it waits.
  const codes = { kind: "finding_opened", name: "Findings", params: { codes: ["stock_differs"] } };
  const early = await gateway.ask("POST", rules, codes);
  expect(early).toMatchObject({
    ...{ status: 201, body: { ...codes, warnings: [{ code: "finding_code_unknown" }] } },
  });
  expect(await gateway.ask("DELETE", `${rules}/${early.body.id}`)).toMatchObject({ status: 204 });
  const tells = (webhooks: string[]) => ({ channels: [{ kind: "webhook", webhooks }] });
  const nowhere = await gateway.ask("PATCH", `${rules}/${key}`, tells([key]));
  expect(nowhere).toMatchObject({ status: 404, body: { code: "webhook_unknown" } });
  const endpoint = { site: "north", url: "https://example.com/hook" };
  const { body: webhook } = await gateway.ask("POST", "/api/v1/webhooks", endpoint);
  const told = await gateway.ask("PATCH", `${rules}/${key}`, tells([webhook.id]));
  expect(told).toMatchObject({ status: 200, body: tells([webhook.id]) });
  expect((await gateway.ask("DELETE", `${rules}/${key}`)).status).toBe(204);
  expect(await gateway.ask("DELETE", `${rules}/${key}`)).toMatchObject({
    ...{ status: 404, body: { code: "alert_rule_unknown" } },
  });
});

test("an alert is raised, shown live, taken up and resolved, each of it once", async () => {
  const live = await openLive(gateway.url);
  live.send({ op: "sub", id: "a", site: "north", view: "alerts" });
  expect(await live.frame("snap")).toMatchObject({ last: true, rows: [] });
  await makeMissing("A1");
  const alert = await eventually("the alert is raised", async () => {
    const { body } = await gateway.ask("GET", `${alerts}?state=open&kind=missing`);
    return body.data[0];
  });
  expect(alert).toMatchObject({ state: "raised", count: 1, examples: [{ key: "A1", detail: "tent" }] });
  const path = `${alerts}/${alert.id}`;
  expect(await gateway.ask("POST", `${path}:acknowledge`, { why: "looking" })).toMatchObject({
    ...{ status: 200, body: { state: "acknowledged", acknowledgedBy: "admin" } },
  });
  const until = new Date(Date.now() + 3_600_000).toISOString();
  expect(await gateway.ask("POST", `${path}:snooze`, { until })).toMatchObject({
    body: { state: "snoozed" },
  });
  expect(await gateway.ask("POST", `${path}:snooze`, { until: "2001-01-01T00:00:00Z" })).toMatchObject({
    ...{ status: 409, body: { code: "alert_act_refused" } },
  });
  expect(await gateway.ask("POST", `${path}:resolve`)).toMatchObject({ body: { state: "resolved" } });
  expect(await gateway.ask("POST", `${path}:acknowledge`)).toMatchObject({ status: 409 });
  expect(await gateway.ask("POST", `${path}:reopen`, "")).toMatchObject({
    body: { state: "raised", reopened: 1 },
  });
  const { body } = await gateway.ask("GET", path);
  expect(body.history.map(({ what }: { what: string }) => what).reverse()).toEqual([
    ...["raised", "acknowledged", "snoozed", "resolved", "reopened"],
  ]);
  const seen = await eventually("all of it was shown", () => {
    const changes = live.frames.flatMap((frame) => (frame.op === "delta" ? frame.changes : []));
    const states = changes.map((change) => ("put" in change ? change.put.state : "gone"));
    return states.length >= 5 && states;
  });
  expect(seen).toEqual(["raised", "acknowledged", "snoozed", "gone", "raised"]);
  await live.close();
});

test.each([
  {
    what: "an unknown alert",
    method: "GET",
    to: `${alerts}/01939f0e-5b2a-7c11-9d44-2f6f1f0b7a11`,
    is: [404, "alert_unknown"],
  },
  {
    what: "an act on none",
    method: "POST",
    to: `${alerts}/01939f0e-5b2a-7c11-9d44-2f6f1f0b7a11:resolve`,
    is: [404, "alert_unknown"],
  },
  {
    what: "an unknown act",
    method: "POST",
    to: `${alerts}/01939f0e-5b2a-7c11-9d44-2f6f1f0b7a11:explode`,
    is: [404, "not_found"],
  },
  { what: "an id that cannot be", method: "GET", to: `${alerts}/7`, is: [400, "malformed"] },
  { what: "an unknown state", method: "GET", to: `${alerts}?state=sad`, is: [400, "malformed"] },
  { what: "a cursor of nobody", method: "GET", to: `${alerts}?cursor=x.y`, is: [400, "malformed"] },
  { what: "an unknown site", method: "GET", to: "/api/v1/sites/nowhere/alerts", is: [404, "site_unknown"] },
  {
    what: "rules of an unknown site",
    method: "GET",
    to: "/api/v1/sites/nowhere/alert-rules",
    is: [404, "site_unknown"],
  },
] as const)("$what is a problem", async ({ method, to, is }) => {
  const { status, body } = await gateway.ask(method, to);
  expect([status, body.code]).toEqual(is);
});

test.each([
  { what: "an unknown kind", body: { kind: "magic", name: "x", params: {} } },
  { what: "params of another kind", body: { kind: "stale", name: "x", params: { minutes: 3 } } },
  { what: "no name", body: { kind: "missing", params: {} } },
  {
    what: "an hour that is none",
    body: { kind: "missing", name: "x", params: {}, quietHours: { from: "25:00", to: "06:00" } },
  },
  {
    what: "an address that is none",
    body: { kind: "missing", name: "x", params: {}, channels: [{ kind: "email", to: ["nobody"] }] },
  },
  {
    what: "a channel twice",
    body: { kind: "missing", name: "x", params: {}, channels: [{ kind: "in_app" }, { kind: "in_app" }] },
  },
])("a rule with $what is malformed", async ({ body }) => {
  expect(await gateway.ask("POST", rules, body)).toMatchObject({ status: 400, body: { code: "malformed" } });
});

test("what is wrong with a rule is told of its own kind, not of those listed before it", async () => {
  const params = { figure: "/totals/quarantined", comparator: ">", forSeconds: 0 };
  const { body } = await gateway.ask("POST", rules, { kind: "threshold", name: "x", params });
  expect(body.errors).toEqual([{ pointer: "/params/value", message: "is missing" }]);
});

test("a rule is tested, and says who could not be told", async () => {
  const { body: all } = await gateway.ask("GET", rules);
  const missing = all.data.find(({ kind }: { kind: string }) => kind === "missing");
  const channels = [{ kind: "in_app" }, { kind: "email", to: ["floor@example.com"] }];
  expect((await gateway.ask("PATCH", `${rules}/${missing.id}`, { channels })).status).toBe(200);
  const tested = await gateway.ask("POST", `${rules}/${missing.id}:test`);
  expect(tested).toMatchObject({
    status: 200,
    body: {
      holds: true,
      notifications: [{ channel: "email", what: "test", state: "failed", why: "mail.unset" }],
      warnings: [{ code: "mail.unset" }],
    },
  });
  expect(tested.text).not.toContain("floor@example.com");
  const warned = async (change: object) => {
    const { status, body } = await gateway.ask("PATCH", `${rules}/${missing.id}`, change);
    expect(status).toBe(200);
    return body.warnings.map(({ code }: { code: string }) => code);
  };
  expect(await warned({ channels: [] })).toEqual(["no_recipient"]);
  expect(await warned({ channels: [{ kind: "push" }] })).toEqual(["no_recipient"]);
  expect(await warned({ channels: [{ kind: "in_app" }] })).toEqual([]);
  // Nothing is ever escalated without a time for it.
  const escalateTo = { severity: "critical" };
  expect(await gateway.ask("PATCH", `${rules}/${missing.id}`, { escalateTo })).toMatchObject({ status: 400 });
  expect(await warned({ escalateTo, escalateAfterMinutes: 5 })).toEqual([]);
});

test("everybody has their own push subscriptions, by a key that stays", async () => {
  const { body } = await gateway.ask("GET", "/api/v1/push-key");
  expect(body.key).toMatch(/^[A-Za-z0-9_-]{87}$/);
  expect((await gateway.ask("GET", "/api/v1/push-key")).body).toEqual(body);
  const subscriptions = "/api/v1/push-subscriptions";
  const added = await gateway.ask("POST", subscriptions, examples.addPushSubscription);
  expect(added).toMatchObject({
    status: 201,
    body: { origin: "https://push.example.com", sites: ["north"] },
  });
  const { body: other } = await gateway.ask("POST", "/api/v1/keys", { name: "other" });
  const asOther = { authorization: `Bearer ${other.key}` };
  expect((await gateway.ask("GET", subscriptions)).body.data).toEqual([added.body]);
  expect((await gateway.ask("GET", subscriptions, undefined, asOther)).body.data).toEqual([]);
  const path = `${subscriptions}/${added.body.id}`;
  expect(await gateway.ask("DELETE", path, undefined, asOther)).toMatchObject({
    ...{ status: 404, body: { code: "push_subscription_unknown" } },
  });
  expect((await gateway.ask("DELETE", path)).status).toBe(204);
  const inside = { ...(examples.addPushSubscription as object), endpoint: "https://127.0.0.1/push" };
  expect(await gateway.ask("POST", subscriptions, inside)).toMatchObject({
    ...{ status: 400, body: { code: "push.forbidden_address" } },
  });
});
