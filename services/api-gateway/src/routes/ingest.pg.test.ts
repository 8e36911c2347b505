import { startPushingReader, type TagSource } from "@tagwire/emulators";
import { eventually } from "@tagwire/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { failuresMax } from "../edge/sign-in-limit.ts";
import { adminKey, startService, type TestGateway, testGateway } from "../test-gateway.ts";
import { ingestLimits } from "./ingest.ts";

/* What readers push, in front of the real reader-gateway and operations. */

const stack = new AsyncDisposableStack();
let gateway: TestGateway;
const readers = "/api/v1/sites/north/readers";
const ingest = "/api/v1/ingest/north";
const epcs = Array.from({ length: 50 }, (_, index) => `3034257BF7194E40000${String(index).padStart(5, "0")}`);

beforeAll(async () => {
  gateway = stack.use(await testGateway());
  for (const name of ["operations", "reader-gateway"]) stack.use(await startService(name, gateway));
  const site = { id: "north", name: "North", timeZone: "Europe/Berlin" };
  expect((await gateway.ask("POST", "/api/v1/sites", site)).status).toBe(201);
});
afterAll(() => stack.disposeAsync());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** A reader that pushes, and its key. */
const pushing = async (id: string, driver: "impinj" | "zebra" = "zebra") => {
  const antennas = [{ port: 1, place: "dock" }];
  expect((await gateway.ask("POST", readers, { id, driver, antennas })).status).toBe(201);
  const made = await gateway.ask("POST", `${readers}/${id}:key`);
  expect(made.status).toBe(201);
  const counts = async () => (await gateway.ask("GET", `${readers}/${id}`)).body.counts;
  return { key: made.body.key as string, counts };
};

let second = 0;
/** A read of its own, as Zebra has it. */
const read = (idHex = epcs[0]) => {
  second += 1;
  return {
    type: "SIMPLE",
    timestamp: new Date(Date.now() - second).toISOString(),
    data: { idHex, eventNum: second },
  };
};

test.each(["impinj", "zebra"] as const)(
  "what readers of %s push is read, kept and becomes scans",
  async (make) => {
    const { key, counts } = await pushing(`push-${make}`, make);
    const world: TagSource = { sees: () => epcs.map((epc) => ({ epc, rssiDbm: -50 })) };
    const carry = async (body: string): Promise<void> => {
      const { status } = await gateway.ask("POST", `${ingest}/push-${make}`, body, {
        ...bearer(key),
        "content-type": "application/json; charset=utf-8",
      });
      if (status !== 202) throw new Error(`${status}`);
    };
    const emulated = startPushingReader({ make, world, antennas: [1], carry });
    await eventually("each tag is kept", async () => (await counts()).quarantined === epcs.length);
    await emulated.stop();
    const now = await counts();
    expect(now.reads).toBe(emulated.acknowledged());
    expect(now).toMatchObject({ malformed: 0, rejected: 0, observations: epcs.length });
  },
);

test("202 says what became of the events, and those that come again count once", async () => {
  const { key, counts } = await pushing("twice");
  const events = [read(epcs[0]), { type: "SIMPLE", data: { idHex: "no hex" } }, read(epcs[1]), "text"];
  const push = () => gateway.ask("POST", `${ingest}/twice`, events, bearer(key));
  expect(await push()).toMatchObject({ status: 202, body: { taken: 2, malformed: 2, repeated: 0 } });
  expect(await counts()).toMatchObject({ reads: 2, malformed: 2, observations: 2 });
  expect(await push()).toMatchObject({ status: 202, body: { taken: 0, malformed: 2, repeated: 2 } });
  expect(await counts()).toMatchObject({ reads: 2, observations: 2 });
});

test.each([
  { what: "one event", id: "one", body: () => read(), taken: 1 },
  { what: "an empty batch", id: "empty", body: () => [], taken: 0 },
  {
    what: "plain reads",
    id: "plain",
    body: () => ({ reads: [{ epc: epcs[0] }, { epc: epcs[1], antenna: 2 }] }),
    taken: 2,
  },
])("$what is taken", async ({ id, body, taken }) => {
  const { key } = await pushing(id);
  const answered = await gateway.ask("POST", `${ingest}/${id}`, body(), bearer(key));
  expect(answered).toMatchObject({ status: 202, body: { taken, malformed: 0, repeated: 0 } });
});

test("the key may come as a password, and an API key does as well", async () => {
  const { key } = await pushing("basic");
  const login = Buffer.from(`whoever:${key}`).toString("base64");
  for (const authorization of [`Basic ${login}`, `Bearer ${adminKey}`])
    expect((await gateway.ask("POST", `${ingest}/basic`, [read()], { authorization })).status).toBe(202);
});

test("a body of any content type is read", async () => {
  const { key } = await pushing("typed");
  for (const type of ["text/plain", "application/octet-stream", "application/x-www-form-urlencoded"]) {
    const headers = { ...bearer(key), "content-type": type };
    expect((await gateway.ask("POST", `${ingest}/typed`, JSON.stringify([read()]), headers)).status).toBe(
      202,
    );
  }
});

test("a body that is no JSON is malformed, and counted at its reader alone", async () => {
  const { key, counts } = await pushing("garbled");
  const { key: another, counts: anothers } = await pushing("beside");
  for (const body of ['[{"type":"SIMPLE","da', "\u0000\u00ff", ""])
    expect(await gateway.ask("POST", `${ingest}/garbled`, body, bearer(key))).toMatchObject({
      status: 400,
      body: { code: "malformed", retryable: false },
    });
  expect(await counts()).toMatchObject({ malformed: 3, reads: 0 });
  expect((await gateway.ask("POST", `${ingest}/beside`, [read()], bearer(another))).status).toBe(202);
  expect(await anothers()).toMatchObject({ malformed: 0, reads: 1 });
});

test("whoever has not the reader's key learns nothing", async () => {
  const { key } = await pushing("mine");
  const { key: others } = await pushing("others");
  const asked = [
    { to: "mine", headers: {} },
    { to: "mine", headers: bearer(others) },
    { to: "mine", headers: bearer(`${key.slice(0, -2)}AA`) },
    { to: "mine", headers: bearer("twk_0000000000000000_0000") },
    { to: "mine", headers: { authorization: "Basic nonsense" } },
    { to: "no-such-reader", headers: bearer(key) },
    { to: "no-such-reader", headers: {} },
  ];
  for (const { to, headers } of asked) {
    const answered = await gateway.ask("POST", `${ingest}/${to}`, [read()], headers);
    expect({ to, status: answered.status, code: answered.body.code }).toEqual({
      to,
      status: 401,
      code: "unauthenticated",
    });
    expect(answered.headers.get("www-authenticate")).toContain("Basic");
    expect(answered.body.detail).not.toContain(to);
  }
  expect((await gateway.ask("POST", "/api/v1/ingest/no-such-site/mine", [read()], bearer(key))).status).toBe(
    401,
  );
  // With a reader's key nothing else can be done.
  expect((await gateway.ask("GET", readers, undefined, bearer(key))).status).toBe(401);
});

test("a new key ends the one before, and a key can be ended", async () => {
  const { key } = await pushing("keys");
  const { body: next } = await gateway.ask("POST", `${readers}/keys:key`);
  const push = async (with_: string) =>
    (await gateway.ask("POST", `${ingest}/keys`, [read()], bearer(with_))).status;
  expect([await push(key), await push(next.key)]).toEqual([401, 202]);
  const shown = await gateway.ask("GET", `${readers}/keys`);
  expect(shown.body.keyMadeAt).toBe(next.keyMadeAt);
  expect(shown.text).not.toContain(next.key);
  expect((await gateway.ask("DELETE", `${readers}/keys/key`, "")).status).toBe(204);
  expect((await gateway.ask("DELETE", `${readers}/keys/key`, "")).status).toBe(404);
  expect(await push(next.key)).toBe(401);
  expect((await gateway.ask("GET", `${readers}/keys`)).body).not.toHaveProperty("keyMadeAt");
});

test("a reader that stands still takes nothing, and says so", async () => {
  const { key } = await pushing("still");
  await gateway.ask("POST", `${readers}/still:stop`);
  const push = () => gateway.ask("POST", `${ingest}/still`, [read()], bearer(key));
  expect(await push()).toMatchObject({ status: 409, body: { code: "reader.deaf", retryable: true } });
  await gateway.ask("POST", `${readers}/still:start`);
  expect((await push()).status).toBe(202);
});

test("bodies and their events have a bound", async () => {
  const { key, counts } = await pushing("large");
  const push = (body: string) => gateway.ask("POST", `${ingest}/large`, body, bearer(key));
  const many = JSON.stringify(
    Array.from({ length: 9_000 }, (_, index) => ({ idHex: "AABB", eventNum: index })),
  );
  expect(await push(many)).toMatchObject({ status: 202, body: { taken: 9_000 } });
  expect(await counts()).toMatchObject({ reads: 9_000 });
  expect(await push(`[${"0,".repeat(10_000)}0]`)).toMatchObject({ status: 413, body: { code: "too_large" } });
  expect((await push(`["${"x".repeat(ingestLimits.bodyBytesMax)}"]`)).status).toBe(413);
  const long = JSON.stringify([{ idHex: "AABB" }, { idHex: "CCDD", note: "x".repeat(100_000) }]);
  expect(await push(long)).toMatchObject({ status: 202, body: { taken: 1, malformed: 1 } });
  const deep = `[{"idHex":"AABB"},${"[".repeat(20_000)}${"]".repeat(20_000)}]`;
  expect(await push(deep)).toMatchObject({ status: 202, body: { taken: 1, malformed: 1 } });
});

test("a reader that tries wrong keys without end is held off, and none beside it", async () => {
  const { key } = await pushing("guessed");
  const { key: another } = await pushing("not-guessed");
  const push = (to: string, with_: string) => gateway.ask("POST", `${ingest}/${to}`, [read()], bearer(with_));
  for (let tries = 0; tries < failuresMax; tries += 1)
    expect((await push("guessed", another)).status).toBe(401);
  const held = await push("guessed", key);
  expect(held).toMatchObject({ status: 429, body: { code: "rate_limited" } });
  expect(Number(held.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await push("not-guessed", another)).status).toBe(202);
});

test("one reader may have so many pushes under way, and no more", async () => {
  const { key } = await pushing("eager");
  const { key: another } = await pushing("patient");
  const many = Array.from({ length: 40 }, () =>
    gateway.ask("POST", `${ingest}/eager`, [read()], bearer(key)),
  );
  const [beside, ...answers] = await Promise.all([
    gateway.ask("POST", `${ingest}/patient`, [read()], bearer(another)),
    ...many,
  ]);
  expect(beside?.status).toBe(202);
  const statuses = new Set(answers.map(({ status }) => status));
  expect([...statuses].every((status) => status === 202 || status === 429)).toBe(true);
  expect(statuses).toContain(202);
});
