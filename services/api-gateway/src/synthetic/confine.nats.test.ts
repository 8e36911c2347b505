import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newSecret } from "../store/secret.ts";
import { startService, type TestGateway, testGateway } from "../test-gateway.ts";
import { probeSiteOf } from "./probe-site.ts";
import { openScreen } from "./screen.ts";

const stack = new AsyncDisposableStack();
const key = newSecret();
const probe = probeSiteOf("yard");
const headers = { authorization: `Bearer ${key}` };
let gateway: TestGateway;

beforeAll(async () => {
  const keyHash = createHash("sha256").update(key).digest();
  gateway = stack.use(await testGateway({}, { synthetic: { name: "synthetic", keyHash } }));
  for (const name of ["operations", "manager"]) stack.use(await startService(name, gateway));
  for (const id of ["yard", probe]) {
    await gateway.ask("POST", "/api/v1/sites", { id, name: id, timeZone: "Etc/UTC" });
    await gateway.ask("POST", `/api/v1/sites/${id}/items`, { tag: `AT-${id.toUpperCase()}`, class: "Chair" });
  }
});
afterAll(() => stack.disposeAsync());

const scansOf = (site: string) => ({
  scans: [
    {
      id: crypto.randomUUID(),
      tag: `AT-${site.toUpperCase()}`,
      type: "touch",
      scannedAt: new Date().toISOString(),
    },
  ],
});

test("the key of test scans scans at probe sites, and may do nothing else", async () => {
  const post = (site: string) => gateway.ask("POST", `/api/v1/sites/${site}/scans`, scansOf(site), headers);
  expect(await post(probe)).toMatchObject({ status: 200, body: { receipts: [{ outcome: "accepted" }] } });
  for (const [method, path, body] of [
    ["POST", "/sites/yard/scans", scansOf("yard")],
    ["POST", "/sites/training-hall/scans", scansOf("yard")],
    ["GET", "/sites", undefined],
    ["GET", `/sites/${probe}/items`, undefined],
    ["GET", "/live/events?site=yard&view=items", undefined],
    ["POST", "/keys", { name: "another" }],
    ["POST", "/sites", { id: "else", name: "Else", timeZone: "Etc/UTC" }],
    ["GET", "/nowhere", undefined],
  ] as const)
    expect(await gateway.ask(method, `/api/v1${path}`, body, headers), path).toMatchObject({
      status: 403,
      body: { code: "forbidden" },
    });
});

test("it looks at probe sites, and at no other", async () => {
  const screen = await openScreen(gateway.url, key);
  stack.defer(async () => screen.close());
  screen.follow("yard");
  screen.follow(probe);
  // Had it been shown the real one, that would have come before this.
  expect(await screen.shows(probe, `AT-${probe.toUpperCase()}`, 1, 60_000)).toBe(true);
  expect(await screen.shows("yard", "AT-YARD", 1, 0)).toBe(false);
});
