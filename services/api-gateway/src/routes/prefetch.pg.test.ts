import { newId } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adminKey, startService, type TestGateway, testGateway } from "../test-gateway.ts";

/* What devices are handed ahead of their scans, in front of the real operations and manager. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
const yard = "/api/v1/sites/yard";
const tablet = `${yard}/devices/tablet-1/prefetch`;

beforeAll(async () => {
  gateway = stack.use(await testGateway());
  for (const name of ["operations", "manager"]) stack.use(await startService(name, gateway));
  await gateway.ask("POST", "/api/v1/sites", { id: "yard", name: "Yard", timeZone: "Europe/Berlin" });
});
afterAll(() => stack.disposeAsync());

const scan = (tag: string, type: string, contract?: string) =>
  gateway.ask("POST", `${yard}/scans`, {
    scans: [
      { id: newId(), tag, type, scannedAt: new Date().toISOString(), ...(contract ? { contract } : {}) },
    ],
  });

test("a device takes its set, then changes, and nothing while it is the same", async () => {
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  for (const tag of ["x1", "x2", "x3"]) await gateway.ask("POST", `${yard}/items`, { tag, class: "chair" });
  await gateway.ask("POST", `${yard}/contracts`, {
    ...{ number: "7", dueAt: soon, outAt: soon, lines: [{ class: "chair", quantity: 3 }] },
  });
  await scan("x1", "rental", "7");
  // The key of this test is a device as well, and has scanned x1; whatever arm a day puts it in, that is in its set.
  const own = `${yard}/devices/me/prefetch`;
  // Each time with another bound, or the set of a moment ago would be given again.
  let items = 20_000;
  await eventually("the scan of the device itself is in its set", async () => {
    items -= 1;
    const { body } = await gateway.ask("GET", `${own}?items=${items}`);
    return body.data?.some(
      ({ tag, status }: { tag: string; status: string }) => tag === "x1" && status === "on_rent",
    );
  });
  const bounded = `${own}?items=${items}`;
  const { body: first } = await gateway.ask("GET", bounded);
  expect(first).toMatchObject({ since: null, nextCursor: null });
  expect(first.data[0]).toMatchObject({ tag: "x1", status: "on_rent", contract: "7", version: 2 });

  const same = { "if-none-match": `"v${first.revision}"`, authorization: `Bearer ${adminKey}` };
  expect((await gateway.ask("GET", bounded, undefined, same)).status).toBe(304);
  expect((await gateway.ask("GET", `${bounded}&since=${first.revision}`)).body).toMatchObject({
    ...{ since: first.revision, data: [] },
  });

  const page = await gateway.ask("GET", `${bounded}&limit=1`);
  expect(page.body.data).toHaveLength(1);
  if (page.body.nextCursor !== null)
    expect(
      (await gateway.ask("GET", `${bounded}&limit=1&cursor=${page.body.nextCursor}`)).body.data,
    ).toHaveLength(1);
});

test("a set is handed to the device itself, and to whoever asks for one that has scanned something", async () => {
  expect(await gateway.ask("GET", tablet)).toMatchObject({
    status: 404,
    body: { code: "prefetch_device_unknown" },
  });
  const { body: made } = await gateway.ask("POST", "/api/v1/keys", { name: "tablet-1" });
  const own = { authorization: `Bearer ${made.key}` };
  expect(await gateway.ask("GET", `${yard}/devices/me/prefetch`, undefined, own)).toMatchObject({
    status: 200,
    body: { device: "tablet-1" },
  });
  const { status, body } = await gateway.ask("GET", tablet);
  expect([status, body.sources[0]]).toEqual([200, "recent"]);

  const report = { id: newId(), names: [{ hit: true, seconds: 0.03 }] };
  const told = (path: string, headers?: Record<string, string>) =>
    gateway.ask("POST", `${yard}/devices/${path}/prefetch:report`, report, headers);
  expect(await told("tablet-1")).toMatchObject({ status: 403, body: { code: "forbidden" } });
  expect(await told("me", own)).toMatchObject({ status: 200, body: { counted: true } });
  expect(await told("tablet-1", own)).toMatchObject({ status: 200, body: { counted: false } });
});

test("scans count once the device said which revision it holds", async () => {
  const own = `${yard}/devices/me/prefetch`;
  const { body: first } = await gateway.ask("GET", own);
  const told = { "if-none-match": `"v${first.revision}"`, authorization: `Bearer ${adminKey}` };
  expect((await gateway.ask("GET", own, undefined, told)).status).toBe(304);
  await scan("x1", "touch");
  await eventually("the scan is counted for the device", async () => {
    const { body } = await gateway.ask("GET", `${yard}/prefetch`);
    return body.devices.some(
      ({ device, hits }: { device: string; hits: number }) => device === first.device && hits === 1,
    );
  });
});

test("what it was worth is counted from the log", async () => {
  const { status, body } = await gateway.ask("GET", `${yard}/prefetch?days=7`);
  expect(status).toBe(200);
  expect(body.arms.map(({ arm }: { arm: string }) => arm)).toEqual(["predicted", "recents"]);
  expect(body).toMatchObject({ known: true, epoch: 1, countedTo: { epoch: 1, pos: body.pos } });
  expect(Date.parse(body.asOf)).toBeLessThanOrEqual(Date.now());
  expect(body.standings).toMatchObject([{ source: "due" }, { source: "session" }, { source: "together" }]);
});

test.each([
  ["no number as revision", `${tablet}?since=x`, 400, "malformed"],
  ["more than it may hold", `${tablet}?items=20001`, 400, "malformed"],
  ["a cursor that was never given", `${tablet}?cursor=abc`, 400, "malformed"],
  ["a site whose device is nobody", `${yard}/devices/nobody/prefetch`, 404, "prefetch_device_unknown"],
  ["a page too large", `${tablet}?limit=2001`, 400, "malformed"],
  ["too many days", `${yard}/prefetch?days=91`, 400, "malformed"],
  ["a site that is not there", "/api/v1/sites/nowhere/devices/a/prefetch", 404, "site_unknown"],
])("%s is refused", async (_what, path, status, code) => {
  expect(await gateway.ask("GET", path)).toMatchObject({ status, body: { code } });
});
