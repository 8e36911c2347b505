import { newId } from "@tagwire/messages";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adminKey, startService, type TestGateway, testGateway } from "../test-gateway.ts";

/* What devices say of themselves, in front of the real operations and health check. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
const reports = "/api/v1/sites/yard/device-reports";

beforeAll(async () => {
  gateway = stack.use(await testGateway());
  for (const name of ["operations", "health-check"]) stack.use(await startService(name, gateway));
  await gateway.ask("POST", "/api/v1/sites", { id: "yard", name: "Yard", timeZone: "Europe/Berlin" });
});
afterAll(() => stack.disposeAsync());

const reportOf = (id: string, incarnation: string, change: Record<string, unknown> = {}) => ({
  device: { id, incarnation },
  ...{ headSeq: 4, queued: 1, attention: 0, storage: "best-effort" },
  ...change,
});

test("the newest report of each life of a device is kept", async () => {
  const [first, second] = [newId(), newId()];
  for (const report of [
    reportOf("admin", first),
    reportOf("admin", first, { headSeq: 9, queued: 0 }),
    reportOf("admin", second, { headSeq: 0, queued: 0, oldestAt: null }),
  ])
    expect(await gateway.ask("POST", reports, report)).toMatchObject({
      status: 200,
      body: { device: "admin" },
    });
  const { body } = await gateway.ask("GET", reports);
  expect(body.data).toMatchObject([
    { device: { incarnation: second }, headSeq: 0, person: "admin" },
    { device: { incarnation: first }, headSeq: 9, queued: 0 },
  ]);
  expect(body.data[0].firstAt > body.data[1].reportedAt).toBe(true);
});

test("a report that makes no sense is refused with what is wrong, and one of a site that there is not", async () => {
  const bad = reportOf("Tablet of Ann", newId(), { queued: -1 });
  expect(await gateway.ask("POST", reports, bad)).toMatchObject({ status: 400, body: { code: "malformed" } });
  const elsewhere = reports.replace("yard", "nowhere");
  expect(await gateway.ask("POST", elsewhere, reportOf("admin", newId()))).toMatchObject({ status: 404 });
});

test("a device reports in its own name alone", async () => {
  for (const id of ["tablet-7", "browser-00000001"])
    expect(await gateway.ask("POST", reports, reportOf(id, newId()))).toMatchObject({
      ...{ status: 403, body: { code: "device_not_yours" } },
    });
});

const cookieOf = (headers: Headers): string => (headers.get("set-cookie") ?? "").split(";", 1)[0] ?? "";

test("a browser that forgot who it is goes on under the name that its cookie has", async () => {
  const signedIn = await gateway.ask("POST", "/api/v1/session", { key: adminKey }, {});
  const session = cookieOf(signedIn.headers);
  const tell = (id: string, cookie: string) =>
    gateway.ask("POST", reports, reportOf(id, newId()), { cookie, "x-tagwire-csrf": "1" });
  const told = await tell("browser-00000002", session);
  expect(told.body.device).toBe("browser-00000002");
  const known = cookieOf(told.headers);
  expect((await tell("browser-00000003", `${session}; ${known}`)).body.device).toBe("browser-00000002");
  expect((await tell("browser-00000003", session)).body.device).toBe("browser-00000003");
});
