import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { startLlrpReader, type TagSource } from "@tagwire/emulators";
import { type Item, type LoggedEvent, newId, type Reader, type Receipt } from "@tagwire/messages";
import { type Answer, eventually, type Stack, startStack } from "@tagwire/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let stack: Stack;
const tag = "3074257BF7194E4000001A85";

beforeAll(async () => {
  stack = await startStack();
  await stack.call("POST", "/sites", { id: "north", name: "North", timeZone: "America/Chicago" });
  await stack.call("POST", "/sites/north/items", { tag, class: "Chair" });
});
afterAll(() => stack[Symbol.asyncDispose]());

const touch = (more: Readonly<Record<string, unknown>> = {}) => ({
  id: newId(),
  tag,
  type: "touch",
  scannedAt: new Date().toISOString(),
  ...more,
});
const send = (scans: readonly unknown[], site = "north") =>
  stack.call("POST", `/sites/${site}/scans`, { scans });
const receiptsOf = ({ body }: Answer) => (body as { receipts: Receipt[] }).receipts;

describe("a request that fails as a whole applies nothing and says why", () => {
  const tooMany = Array.from({ length: 5_001 }, () => touch());
  test.each([
    {
      what: "malformed JSON",
      path: "/sites/north/scans",
      body: '{"scans":[',
      status: 400,
      code: "malformed",
    },
    {
      what: "a tag that is a number",
      path: "/sites/north/scans",
      body: { scans: [touch({ tag: 5 })] },
      status: 400,
      code: "malformed",
    },
    {
      what: "an id that is no UUID",
      path: "/sites/north/scans",
      body: { scans: [touch({ id: "1" })] },
      status: 400,
      code: "malformed",
    },
    {
      what: "a time that is none",
      path: "/sites/north/scans",
      body: { scans: [touch({ scannedAt: "yesterday" })] },
      status: 400,
      code: "malformed",
    },
    {
      what: "an unknown scan type",
      path: "/sites/north/scans",
      body: { scans: [touch({ type: "steal" })] },
      status: 400,
      code: "malformed",
    },
    {
      what: "an unknown member",
      path: "/sites/north/scans",
      body: { scans: [touch({ admin: true })] },
      status: 400,
      code: "malformed",
    },
    { what: "no scans", path: "/sites/north/scans", body: { scans: [] }, status: 400, code: "malformed" },
    {
      what: "5,001 scans",
      path: "/sites/north/scans",
      body: { scans: tooMany },
      status: 400,
      code: "malformed",
    },
    {
      what: "scans over 4 MiB",
      path: "/sites/north/scans",
      body: "x".repeat(4 * 2 ** 20 + 1),
      status: 413,
      code: "too_large",
    },
    {
      what: "an item over 1 MiB",
      path: "/sites/north/items",
      body: "x".repeat(2 ** 20 + 1),
      status: 413,
      code: "too_large",
    },
    {
      what: "an unknown site",
      path: "/sites/nowhere/scans",
      body: { scans: [touch()] },
      status: 404,
      code: "site_unknown",
    },
    {
      what: "__proto__ as a member",
      path: "/sites/north/scans",
      body: '{"__proto__":{"a":1},"scans":[]}',
      status: 400,
      code: "malformed",
    },
    {
      what: "an item's tag of 65 characters",
      path: "/sites/north/items",
      body: { tag: "A".repeat(65), class: "Chair" },
      status: 400,
      code: "tag_malformed",
    },
    {
      what: "an item on a used tag",
      path: "/sites/north/items",
      body: { tag, class: "Chair" },
      status: 409,
      code: "item_exists",
    },
  ])("$what: $status $code", async ({ path, body, status, code }) => {
    const before = await stack.call("GET", "/sites/north");
    const answer = await stack.call("POST", path, body);
    expect(answer).toMatchObject({ status, body: { code, status, type: `/problems/${code}` } });
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect((answer.body as { traceId: string }).traceId).toMatch(/^[0-9a-f]{32}$/);
    expect((await stack.call("GET", "/sites/north")).body).toEqual(before.body);
  });

  test("a wrong key is refused before anything is read", async () => {
    const answer = await stack.call("GET", "/sites", undefined, { authorization: "Bearer wrong" });
    expect(answer).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
  });
});

describe("a scan that cannot be decided never blocks the others, and is kept", () => {
  test("duplicate ids in one request: the second is the first again", async () => {
    const scan = touch();
    const [first, second] = receiptsOf(await send([scan, scan]));
    expect(first).toMatchObject({ outcome: "accepted", replayed: false });
    expect(second).toEqual({ ...first, replayed: true });
  });

  test("the same id with another body is refused, in one request and in two", async () => {
    const scan = touch();
    const other = { ...scan, place: "elsewhere" };
    const [first, second] = receiptsOf(await send([scan, other]));
    expect(first).toMatchObject({ outcome: "accepted" });
    expect(second).toMatchObject({ outcome: "rejected", code: "id_reused" });
    expect(receiptsOf(await send([other]))).toMatchObject([{ outcome: "rejected", code: "id_reused" }]);
    expect(receiptsOf(await send([scan]))).toEqual([{ ...first, replayed: true }]);
  });

  test("a tag of 65 characters is refused alone, with its receipt", async () => {
    const long = touch({ tag: "A".repeat(65) });
    const [refused, fine] = receiptsOf(await send([long, touch()]));
    expect(refused).toMatchObject({ outcome: "rejected", code: "tag_malformed" });
    expect(fine).toMatchObject({ outcome: "accepted" });
    const stored = (await stack.call("GET", `/sites/north/scans/${long.id}`)).body as Receipt;
    expect(stored).toEqual(refused);
    // The log keeps what was scanned, under no tag.
    const { epoch, pos } = stored.event ?? { epoch: 0, pos: 0 };
    const { body } = await stack.call("GET", `/sites/north/events?after=${epoch}:${pos - 1}&limit=1`);
    const [kept] = (body as { events: LoggedEvent[] }).events;
    expect(kept).toMatchObject({
      type: "scan.refused.v1",
      scanId: long.id,
      data: { scan: long, code: "tag_malformed" },
    });
    expect(kept?.tag).toBeUndefined();
  });

  test("__proto__ is a tag like any other", async () => {
    const created = await stack.call("POST", "/sites/north/items", {
      tag: "__proto__",
      class: "__proto__",
      place: "constructor",
    });
    expect(created.status).toBe(201);
    expect(receiptsOf(await send([touch({ tag: "__proto__" })]))).toMatchObject([{ outcome: "accepted" }]);
    const { body } = await stack.call("GET", "/sites/north/items/__proto__");
    expect(body).toMatchObject({ tag: "__proto__", class: "__proto__", epc: { scheme: "opaque" } });
    expect(({} as { place?: string }).place).toBeUndefined();
  });

  test("a scan from next year counts for when it came", async () => {
    const scan = touch({ scannedAt: new Date(Date.now() + 365 * 86_400_000).toISOString() });
    const [receipt] = receiptsOf(await send([scan]));
    expect(receipt).toMatchObject({ outcome: "accepted", code: "future_scan", flags: ["future_scan"] });
    const { body } = await stack.call("GET", `/sites/north/items/${tag}`);
    expect(Date.parse((body as Item).lastScan?.scannedAt ?? "")).toBeLessThanOrEqual(Date.now());
  });
});

describe("a reader that misbehaves is told apart, named, and tried again", () => {
  /** A connection event (LLRP 1.1 §17): a frame of 32 bytes, of which 17 arrive. */
  const hello = Buffer.from("043f000000200000000000f600160080000c00039136a2a33b3f010000060000", "hex");
  const badly = [
    {
      what: "accepts and says nothing",
      id: "silent",
      bytes: Buffer.alloc(0),
      code: "reader.silent",
      malformed: 0,
    },
    {
      what: "sends half a frame and falls silent",
      id: "half",
      bytes: hello.subarray(0, 17),
      code: "reader.garbled",
      malformed: 1,
    },
    {
      what: "announces a frame of 0xFFFFFFFF bytes",
      id: "huge",
      bytes: Buffer.from("043fffffffff00000001", "hex"),
      code: "reader.garbled",
      malformed: 1,
    },
  ];

  test.each(badly)("one that $what", async ({ id, bytes, code, malformed }) => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.write(bytes);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const created = await stack.call("POST", "/sites/north/readers", {
      id,
      driver: "llrp",
      address,
      antennas: [],
    });
    expect(created.status).toBe(201);
    const reader = await eventually(`${id} is in backoff`, async () => {
      const { body } = await stack.call("GET", `/sites/north/readers/${id}`);
      return (body as Reader).status === "backoff" && (body as Reader).fault !== null
        ? (body as Reader)
        : undefined;
    });
    expect(reader.fault?.code).toBe(code);
    expect(reader.counts.malformed).toBeGreaterThanOrEqual(malformed);
    expect(reader.fault?.advice).not.toBe("");
    expect(reader.retryAt).not.toBeNull();
    expect((await stack.call("DELETE", `/sites/north/readers/${id}`)).status).toBeLessThan(300);
    server.close();
  });

  test("one whose line splits, merges and spoils what it sends loses no read, beside one that sends garbage alone", async () => {
    const noise = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.write(Buffer.alloc(300 * 1024, 0x7e));
    });
    noise.listen(0, "127.0.0.1");
    await once(noise, "listening");
    let looksLeft = 300;
    let seen = 0;
    const world: TagSource = {
      sees: () => {
        if (looksLeft === 0) return [];
        looksLeft -= 1;
        seen += 1;
        return [{ epc: tag, rssiDbm: -51 }];
      },
    };
    const flaky = { splitFrames: true, mergeFrames: true, garbageShare: 0.3, omitOptional: true };
    const spoilt = await startLlrpReader({ world, seed: 11, roundMs: 5, flaky });
    try {
      const create = (id: string, address: string) =>
        stack.call("POST", "/sites/north/readers", {
          id,
          driver: "llrp",
          address,
          antennas: [{ port: 1, place: id }],
        });
      expect((await create("noise", `127.0.0.1:${(noise.address() as AddressInfo).port}`)).status).toBe(201);
      expect((await create("spoilt", spoilt.address)).status).toBe(201);

      const { counts } = await eventually("every read was counted and decided", async () => {
        const { body } = await stack.call("GET", "/sites/north/readers/spoilt");
        const reader = body as Reader;
        const isSettled = reader.counts.observations > 0 && reader.counts.pending === 0;
        return looksLeft === 0 && reader.counts.reads >= seen && isSettled ? reader : undefined;
      });
      expect(seen).toBe(300);
      expect(counts.reads).toBe(seen);
      expect(counts.malformed).toBeGreaterThan(0);
      expect(counts.reads).toBe(counts.filtered + counts.held + counts.observed);
      expect(counts.filtered).toBe(0);
      expect(counts.observations).toBe(counts.accepted + counts.alreadyApplied);
      const { body } = await stack.call("GET", `/sites/north/items/${tag}`);
      expect(body as Item).toMatchObject({ place: "spoilt", lastScan: { by: { reader: "spoilt" } } });
    } finally {
      for (const id of ["noise", "spoilt"]) await stack.call("DELETE", `/sites/north/readers/${id}`);
      await spoilt.stop();
      noise.close();
    }
  });
});
