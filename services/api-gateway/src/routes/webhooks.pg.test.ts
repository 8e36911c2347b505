import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { eventually } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startService, type TestGateway, testGateway } from "../test-gateway.ts";

/* The addresses of webhooks, in front of the real manager and the real operations; a real server takes what is posted. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
let hook: string;
const path = "/api/v1/webhooks";
const posted: { type: string; id: string; data: { pos?: number; tag?: string } }[] = [];

beforeAll(async () => {
  const receiver = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    posted.push({ id: String(request.headers["webhook-id"]), ...JSON.parse(text) });
    response.writeHead(204).end();
  }).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  stack.defer(() => {
    receiver.closeAllConnections();
    receiver.close();
  });
  hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  gateway = stack.use(await testGateway());
  stack.use(await startService("operations", gateway));
  stack.use(await startService("manager", { ...gateway, env: { WEBHOOK_PRIVATE_NETWORKS: "127.0.0.1/32" } }));
  const site = { id: "north", name: "North", timeZone: "Europe/Berlin" };
  expect((await gateway.ask("POST", "/api/v1/sites", site)).status).toBe(201);
});
afterAll(() => stack.disposeAsync());

const item = (tag: string) =>
  gateway.ask("POST", "/api/v1/sites/north/items", { tag, class: "tent", status: "ready" });

test("an endpoint is added, gets what happens, is read, tested, changed, replayed, rotated and removed", async () => {
  const added = await gateway.ask("POST", path, {
    site: "north",
    url: hook,
    types: ["item.*"],
    description: "ERP",
  });
  expect(added).toMatchObject({
    status: 201,
    body: { site: "north", url: hook, types: ["item.*"], description: "ERP", state: "enabled" },
  });
  const { secret, ...webhook } = added.body;
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const one = `${path}/${webhook.id}`;
  expect(added.headers.get("location")).toBe(one);

  // The canary comes whatever types are wanted, and is the first in the ledger.
  const proven = await eventually("it is proven", async () => {
    const { body } = await gateway.ask("GET", one);
    return body.provenAt !== null && body;
  });
  expect(proven).toMatchObject({ lastCanary: { ok: true, status: 204, failures: 0 } });
  expect(posted.map(({ type }) => type)).toEqual(["webhook.canary"]);
  for (const tag of ["A", "B", "C"]) expect((await item(tag)).status).toBe(201);
  const tagsCame = () => posted.flatMap(({ data }) => data.tag ?? []);
  await eventually("they are delivered", () => tagsCame().length === 3);
  expect(tagsCame().toSorted()).toEqual(["A", "B", "C"]);
  // A post is out before its delivery is written down, and the three lanes write in any order.
  await eventually(
    "and written down",
    async () => (await gateway.ask("GET", one)).body.counts.delivered === 4,
  );
  const { body: delivered } = await gateway.ask("GET", `${one}/deliveries?state=delivered&limit=2`);
  expect(delivered.data).toMatchObject([{ key: "tag:C" }, { key: "tag:B" }]);
  const rest = await gateway.ask("GET", `${one}/deliveries?limit=2&cursor=${delivered.nextCursor}`);
  expect(rest).toMatchObject({
    status: 200,
    body: { data: [{ key: "tag:A" }, { key: "type:webhook.canary", position: "0:1" }], nextCursor: null },
  });
  expect(await gateway.ask("GET", `${one}/deliveries?state=failed`)).toMatchObject({ body: { data: [] } });

  const read = await gateway.ask("GET", one);
  expect(read).toMatchObject({ status: 200, body: { counts: { delivered: 4 } } });
  const listed = await gateway.ask("GET", `${path}?site=north`);
  expect(listed).toMatchObject({ status: 200, body: { data: [{ id: webhook.id }], nextCursor: null } });
  // A secret is told by nobody but the answers that make one.
  for (const { text } of [read, listed]) expect(text).not.toContain("whsec_");

  expect(await gateway.ask("POST", `${one}:test`)).toMatchObject({
    status: 200,
    body: { ok: true, status: 204 },
  });
  expect(posted.some(({ type }) => type === "webhook.test")).toBe(true);

  const [delivery] = delivered.data;
  expect(await gateway.ask("POST", `${one}:replay`, { delivery: delivery.id })).toMatchObject({
    status: 200,
  });
  await eventually("it comes again", () => posted.filter(({ id }) => id === delivery.id).length === 2);
  expect(await gateway.ask("POST", `${one}:replay`, { from: "0:0" })).toMatchObject({ status: 200 });
  await eventually("all of them come again", () => tagsCame().length === 7);
  expect(await gateway.ask("POST", `${one}:replay`, { from: "9:9" })).toMatchObject({
    status: 409,
    body: { code: "epoch_unknown" },
  });

  const rotated = await gateway.ask("POST", `${one}:rotate`);
  expect(rotated).toMatchObject({ status: 200, body: { oldSecretsUntil: [expect.any(String)] } });
  expect(rotated.body.secret).not.toBe(secret);
  const off = await gateway.ask("PATCH", one, { enabled: false, types: null });
  expect(off).toMatchObject({
    status: 200,
    body: { state: "disabled", disabledReason: "person", types: null },
  });
  for (const body of [undefined, { failed: "skip" }])
    expect(await gateway.ask("POST", `${one}:enable`, body)).toMatchObject({
      ...{ status: 200, body: { state: "enabled", disabledReason: null } },
    });
  expect((await gateway.ask("DELETE", one)).status).toBe(204);
  expect(await gateway.ask("GET", one)).toMatchObject({ status: 404, body: { code: "webhook_unknown" } });
});

const nobody = "01939f0e-5b2a-7c11-9d44-2f6f1f0b7a10";
test.each([
  { what: "no endpoint", method: "GET", to: `/${nobody}`, is: 404, code: "webhook_unknown" },
  {
    what: "the ledger of none",
    method: "GET",
    to: `/${nobody}/deliveries`,
    is: 404,
    code: "webhook_unknown",
  },
  { what: "the removal of none", method: "DELETE", to: `/${nobody}`, is: 404, code: "webhook_unknown" },
  { what: "a test of none", method: "POST", to: `/${nobody}:test`, is: 404, code: "webhook_unknown" },
  { what: "a rotation of none", method: "POST", to: `/${nobody}:rotate`, is: 404, code: "webhook_unknown" },
  { what: "an unknown verb", method: "POST", to: `/${nobody}:explode`, is: 404, code: "not_found" },
  { what: "an id that cannot be", method: "GET", to: "/north", is: 400, code: "malformed" },
  {
    what: "an unknown state",
    method: "GET",
    to: `/${nobody}/deliveries?state=lost`,
    is: 400,
    code: "malformed",
  },
  {
    what: "a cursor of nobody",
    method: "GET",
    to: `/${nobody}/deliveries?cursor=x`,
    is: 400,
    code: "malformed",
  },
])("$what is a problem", async ({ method, to, is, code }) => {
  const { status, body } = await gateway.ask(method, `${path}${to}`);
  expect({ status, code: body.code }).toEqual({ status: is, code });
});

test.each([
  { what: "a user in it", url: "https://me@a.example/", is: 400, code: "webhook_url_refused" },
  {
    what: "a metadata service",
    url: `https://${"169.254.169.254"}/latest`,
    is: 400,
    code: "webhook_url_refused",
  },
  { what: "plain http to the outside", url: `http://${"8.8.8.8"}/`, is: 400, code: "webhook_url_refused" },
  { what: "nothing in it", url: "", is: 400, code: "malformed" },
  {
    what: "too much in it",
    url: `https://a.example/${randomBytes(1_500).toString("hex")}`,
    is: 400,
    code: "malformed",
  },
])("an address with $what is refused", async ({ url, is, code }) => {
  const { status, body } = await gateway.ask("POST", path, { site: "north", url });
  expect({ status, code: body.code }).toEqual({ status: is, code });
});

test.each([
  { what: "no site", body: { url: "https://a.example/" }, is: 400, code: "malformed" },
  {
    what: "an unknown site",
    body: { site: "nowhere", url: "https://a.example/" },
    is: 404,
    code: "site_unknown",
  },
  {
    what: "no types",
    body: { site: "north", url: "https://a.example/", types: [] },
    is: 400,
    code: "malformed",
  },
  {
    what: "a type that cannot be",
    body: { site: "north", url: "https://a.example/", types: ["*"] },
    is: 400,
    code: "malformed",
  },
  {
    what: "a type that nothing has",
    body: { site: "north", url: "https://a.example/", types: ["item.*", "item.rentd.v1"] },
    is: 400,
    code: "webhook_types_unknown",
  },
  {
    what: "a secret of their own",
    body: { site: "north", url: "https://a.example/", secret: "x" },
    is: 400,
    code: "malformed",
  },
])("an endpoint with $what is refused", async ({ body: given, is, code }) => {
  const { status, body } = await gateway.ask("POST", path, given);
  expect({ status, code: body.code }).toEqual({ status: is, code });
});

test("a replay says what", async () => {
  for (const body of [
    {},
    { from: "1" },
    { delivery: "1" },
    { from: "0:0", delivery: `msg_${"0".repeat(32)}` },
  ])
    expect(await gateway.ask("POST", `${path}/${nobody}:replay`, body)).toMatchObject({
      ...{ status: 400, body: { code: "malformed" } },
    });
});
