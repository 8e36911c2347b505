import { type Bus, ensureStream, follow, hear, publishInOrder, request } from "@tagwire/bus";
import {
  commandSubject,
  Events,
  type LoggedEvent,
  newId,
  type Observation,
  Observations,
  observationSubject,
  Parked,
  type Receipt,
  type Scan,
  type Taken,
  takenSubject,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { eventually, GiveUp } from "@tagwire/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { traceparent } from "./actors/test-acts.ts";
import { type TestGround, testGround } from "./test-ground.ts";
import { expectSound, readLog } from "./test-operations.ts";
import { commandOf, insist, scanOf, send } from "./test-service.ts";

const beginSite = (bus: Bus, site: string) =>
  insist<"site.create">(
    bus,
    site,
    commandOf("site.create", { id: site, name: site, timeZone: "Europe/Berlin" }),
  );
const beginItem = (bus: Bus, site: string, tag: string) =>
  insist<"item.create">(bus, site, commandOf("item.create", { tag, class: "chair" }));
const record = async (bus: Bus, site: string, scans: Scan[]) =>
  (await send<"scans.record">(bus, site, commandOf("scans.record", { scans }))).receipts;

/** Everything of a site that is in the stream now, by position. */
const streamedOf = async (bus: Bus, site: string, head: number): Promise<LoggedEvent[]> => {
  const found = new Map<number, LoggedEvent>();
  const source = await follow(bus, {
    stream: Events.name,
    subjects: [`events.*.${site}.>`],
    from: "beginning",
  });
  for await (const { data } of source.messages) {
    const event = JSON.parse(new TextDecoder().decode(data)) as LoggedEvent;
    found.set(event.pos, event);
    if (found.size === head) break;
  }
  await source.stop();
  return [...found.values()].toSorted((a, b) => a.pos - b.pos);
};

describe("one process", () => {
  let ground: TestGround;
  let bus: Bus;
  let sql: Sql;
  beforeAll(async () => {
    ground = await testGround();
    ({ bus, sql } = ground);
    // Nobody else wants what it owns, so a lease that a slow machine lets run out would tell nothing.
    ground.opened.use(await ground.start(60_000));
    for (const site of ["north", "gate", "bad", "bulk"]) await beginSite(bus, site);
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  test("answers a command once it is committed, and its events reach the stream", async () => {
    const { item } = await beginItem(bus, "north", "a1");
    expect(item).toMatchObject({ tag: "A1", status: "ready", version: 1, pos: 2 });
    const rental = scanOf("a1", { type: "rental", contract: "C-1", place: "dock" });
    const [receipt] = await record(bus, "north", [rental]);
    expect(receipt).toMatchObject({
      id: rental.id,
      outcome: "accepted",
      event: { pos: 3 },
      item: { status: "on_rent" },
    });
    const [stored] = await sql<{ receipt: Receipt }[]>`select receipt from receipt where id = ${rental.id}`;
    expect(stored?.receipt).toEqual(receipt);

    const patch = commandOf("item.patch", { tag: "a1", version: 2, patch: { status: "wash", notes: "mud" } });
    expect(await send<"item.patch">(bus, "north", patch)).toMatchObject({
      item: { status: "wash", version: 3, contract: null },
    });
    await expect(send<"item.patch">(bus, "north", { ...patch, id: newId() })).rejects.toMatchObject({
      code: "version_stale",
    });
    await expect(beginItem(bus, "north", "A1")).rejects.toMatchObject({ code: "item_exists" });
    await expect(beginItem(bus, "nowhere", "A1")).rejects.toMatchObject({ code: "site_unknown" });

    const { log: events } = await expectSound(sql, "north");
    expect(await streamedOf(bus, "north", events.length)).toEqual(events);
    expect(events.at(-1)?.traceId).toBe(traceparent.slice(3, 35));
  });

  test("says the head of its sites", async () => {
    const heads: { pos: number; hash: string }[] = [];
    const listening = hear(bus, "head.north", (message) => void heads.push(message.json()));
    await eventually("a head", () => heads.length > 0);
    await listening.stop();
    const [row] = await sql<{ pos: number; hash: string }[]>`select pos, hash from site where site = 'north'`;
    expect(heads[0]).toMatchObject({ ...row });
  });

  test("takes 5,000 scans of one session in slices sent at once, each with its receipt in the order sent", async () => {
    const scans = Array.from({ length: 5_000 }, (_, index) =>
      scanOf(`BULK-${index % 1_000}`, { type: index < 1_000 ? "stage" : "touch", contract: "C-1" }),
    );
    const slices = Array.from({ length: 4 }, (_, index) => scans.slice(index * 1_250, (index + 1) * 1_250));
    for (let index = 0; index < 1_000; index += 100)
      await Promise.all(
        Array.from({ length: 100 }, (_, more) => beginItem(bus, "bulk", `BULK-${index + more}`)),
      );
    const receipts = (await Promise.all(slices.map((slice) => record(bus, "bulk", slice)))).flat();
    expect(receipts.map(({ id }) => id)).toEqual(scans.map(({ id }) => id));
    expect(receipts.every(({ outcome }) => outcome === "accepted")).toBe(true);
    expect(receipts.map(({ event }) => event?.pos)).toEqual(scans.map((_, index) => 1_002 + index));
    const { log: events } = await expectSound(sql, "bulk");
    expect(events).toHaveLength(6_001);
    expect(await streamedOf(bus, "bulk", 6_001)).toEqual(events);
  });

  describe("bad input", () => {
    test.each<[string, unknown]>([
      ["no command at all", { hello: "world" }],
      ["a list", []],
      ["another kind", { ...commandOf("scans.record", { scans: [scanOf("a1")] }), kind: "scans.delete" }],
      ["no scans", commandOf("scans.record", { scans: [] })],
      ["an id that is none", commandOf("scans.record", { scans: [scanOf("a1", { id: "1" })] })],
      ["no instant", commandOf("scans.record", { scans: [scanOf("a1", { scannedAt: "yesterday" })] })],
      [
        "a leap second",
        commandOf("scans.record", { scans: [scanOf("a1", { scannedAt: "2016-12-31T23:59:60Z" })] }),
      ],
      [
        "the year 0",
        commandOf("scans.record", { scans: [scanOf("a1", { scannedAt: "0000-01-01T00:00:00Z" })] }),
      ],
      ["a NUL in the notes", commandOf("scans.record", { scans: [scanOf("a1", { notes: "a\u0000b" })] })],
      [
        "half a character in the place",
        commandOf("scans.record", { scans: [scanOf("a1", { place: "\ud800" })] }),
      ],
      ["a NUL in a class", commandOf("item.create", { tag: "z1", class: "a\u0000" })],
      [
        "another site than the subject's",
        commandOf("site.create", { id: "other", name: "x", timeZone: "UTC" }),
      ],
    ])("%s is answered malformed", async (_, body) => {
      await expect(request(bus, commandSubject("bad"), body)).rejects.toMatchObject({ code: "malformed" });
    });

    test("what is no JSON is answered malformed", async () => {
      const reply = await bus.connection.request(commandSubject("bad"), "{", { timeout: 5_000 });
      expect(reply.json()).toEqual({ fault: { code: "malformed", detail: "not JSON" } });
    });

    test("an impossible tag is rejected alone, and its receipt kept", async () => {
      const scans = [scanOf("x".repeat(65)), scanOf("a\u0000"), scanOf("\udc00"), scanOf("good")];
      const receipts = await record(bus, "bad", scans);
      expect(receipts.map(({ code }) => code)).toEqual([...Array(3).fill("tag_malformed"), "tag_unknown"]);
      const again = await record(bus, "bad", scans);
      expect(again).toEqual(receipts.map((receipt) => ({ ...receipt, replayed: true })));
    });

    test("names of the language are names like any other", async () => {
      for (const word of ["__proto__", "constructor"]) {
        const create = commandOf("item.create", { tag: word, class: word, place: word });
        await send<"item.create">(bus, "bad", create);
        const [receipt] = await record(bus, "bad", [
          scanOf(word, { type: "rental", contract: word, place: word }),
        ]);
        expect(receipt).toMatchObject({ outcome: "accepted", item: { tag: word, status: "on_rent" } });
      }
      const { items } = await expectSound(sql, "bad");
      expect(items.find(({ tag }) => tag === "__proto__")).toMatchObject({
        class: "__proto__",
        contract: "__proto__",
      });
    });

    test("ids in capitals are the same ids, and the chain still holds when read back", async () => {
      await beginItem(bus, "bad", "b1");
      const session = newId();
      const lower = scanOf("b1", { session, place: "dock" });
      const upper = { ...lower, id: lower.id.toUpperCase(), session: session.toUpperCase() };
      const [first] = await record(bus, "bad", [upper]);
      expect(first).toMatchObject({ id: lower.id, outcome: "accepted", replayed: false });
      expect(await record(bus, "bad", [lower])).toMatchObject([{ outcome: "accepted", replayed: true }]);
      const stray = scanOf("b2", { id: newId().toUpperCase() });
      await record(bus, "bad", [stray]);
      await beginItem(bus, "bad", "b2");
      expect(await record(bus, "bad", [stray])).toMatchObject([
        { replayed: true, later: { outcome: "accepted" } },
      ]);
      await expectSound(sql, "bad");
    });

    test("a scan from next year counts for when it was received, in whatever spelling", async () => {
      await beginItem(bus, "bad", "c1");
      const command = commandOf("scans.record", {
        scans: [scanOf("c1", { type: "rental", contract: "C", scannedAt: "2100-01-01T00:00:00Z" })],
      });
      const receivedAt = "2026-05-04T12:00:00.25+02:00";
      const { receipts } = await send<"scans.record">(bus, "bad", { ...command, receivedAt });
      expect(receipts).toMatchObject([{ outcome: "accepted", code: "future_scan", flags: ["future_scan"] }]);
      const { items } = await expectSound(sql, "bad");
      expect(items.find(({ tag }) => tag === "C1")).toMatchObject({ lastFactAt: "2026-05-04T10:00:00.250Z" });
    });

    test("one id twice in a request is answered twice and applied once; with another body it is refused", async () => {
      await beginItem(bus, "bad", "d1");
      const scan = scanOf("d1", { place: "dock" });
      const receipts = await record(bus, "bad", [scan, scan, { ...scan, place: "yard" }]);
      expect(receipts).toMatchObject([
        { outcome: "accepted", replayed: false },
        { outcome: "accepted", replayed: true },
        { outcome: "rejected", code: "id_reused", replayed: false },
      ]);
      // What was refused is in the log beside what was taken, and both only once.
      const [again] = await record(bus, "bad", [{ ...scan, place: "yard" }]);
      expect(again).toEqual({ ...receipts[2], replayed: true });
      const logged = (await readLog(sql, "bad")).filter(({ scanId }) => scanId === scan.id);
      expect(logged.map(({ data }) => [data.outcome, data.code])).toEqual([
        ["accepted", undefined],
        ["rejected", "id_reused"],
      ]);
    });
  });

  describe("observations", () => {
    const observed = (tag: string, more: Partial<Observation> = {}): Observation => ({
      ...{ id: newId(), tag, place: "gate", antenna: 1, reads: 7, peakRssiDbm: -41.5, traceparent },
      ...{ firstHeardAt: new Date().toISOString(), lastHeardAt: new Date().toISOString() },
      ...more,
    });
    const publish = (payload: string) =>
      publishInOrder(bus, [
        { subject: observationSubject("gate", "door"), id: newId(), payload, headers: {} },
      ]);

    test("become sightings, are told taken, and a repeat changes nothing", async () => {
      await ensureStream(bus, Observations);
      await beginItem(bus, "gate", "a1");
      const taken: Taken["taken"][number][] = [];
      const listening = hear(
        bus,
        takenSubject("gate", "door"),
        (message) => void taken.push(...message.json<Taken>().taken),
      );
      const observations = [observed("a1"), observed("stray"), observed("x".repeat(65)), observed("stray")];
      await publish(JSON.stringify({ observations }));
      await eventually("taken", () => taken.length === 4);
      expect(taken.map(({ id }) => id)).toEqual(observations.map(({ id }) => id));
      expect(taken.map(({ outcome }) => outcome)).toEqual([
        "accepted",
        "quarantined",
        "rejected",
        "quarantined",
      ]);

      const { log: events, items } = await expectSound(sql, "gate");
      expect(items).toMatchObject([
        { tag: "A1", place: "gate", lastScan: { type: "touch", by: { reader: "door", antenna: 1 } } },
      ]);
      expect(events.at(-2)?.data).toMatchObject({ scan: { reads: 7, peakRssiDbm: -41.5 } });
      await publish(JSON.stringify({ observations }));
      await eventually("taken again", () => taken.length === 8);
      expect((await expectSound(sql, "gate")).log).toEqual(events);
      await listening.stop();
    });

    test("that cannot be read are parked with their bytes, and the next ones flow", async () => {
      const bad = [
        "{",
        JSON.stringify({ observations: [] }),
        JSON.stringify({ observations: [observed("a1", { id: "1" })] }),
      ];
      for (const payload of bad) await publish(payload);
      const last = observed("a1", { place: "yard" });
      await publish(JSON.stringify({ observations: [last] }));
      await eventually("the next one is taken", async () => {
        const rows = await sql`select 1 from receipt where id = ${last.id}`;
        return rows.length === 1;
      });
      const parked: { subject: string; reason: string; text: string }[] = [];
      const source = await follow(bus, {
        stream: Parked.name,
        subjects: ["parked.operations.>"],
        from: "beginning",
      });
      for await (const { data } of source.messages) {
        const { subject, reason, base64 } = JSON.parse(new TextDecoder().decode(data)) as Record<
          string,
          string
        >;
        parked.push({
          subject: subject ?? "",
          reason: reason ?? "",
          text: Buffer.from(base64 ?? "", "base64").toString(),
        });
        if (parked.length === bad.length) break;
      }
      await source.stop();
      const subject = observationSubject("gate", "door");
      const reasons = ["unreadable", "malformed", "malformed"];
      expect(parked).toEqual(bad.map((text, index) => ({ subject, reason: reasons[index], text })));
    });

    test("are taken from a stream that was lost and made anew, long before it is as long as the old one", async () => {
      const isTaken = async ({ id }: Observation) =>
        (await sql`select 1 from receipt where id = ${id}`).length === 1;
      const before = Array.from({ length: 50 }, () => observed("a1"));
      for (const one of before) await publish(JSON.stringify({ observations: [one] }));
      for (const one of before) await eventually("taken", () => isTaken(one));
      await bus.manager.streams.delete(Observations.name);
      await ensureStream(bus, Observations);
      const after = [observed("a1"), observed("a1")];
      for (const one of after) await publish(JSON.stringify({ observations: [one] }));
      for (const one of after) await eventually("taken from the new one", () => isTaken(one));
    });
  });
});

test("nobody owns a site before the first process came and after the last one went", async () => {
  await using ground = await testGround();
  const { bus, start } = ground;
  const create = commandOf("site.create", { id: "north", name: "north", timeZone: "UTC" });
  await expect(send(bus, "north", create)).rejects.toMatchObject({ code: "unavailable" });
  const service = await start();
  await beginSite(bus, "north");
  expect(await service.stop()).toBe(0);
  await expect(send(bus, "north", create)).rejects.toMatchObject({ code: "unavailable" });
});

test("leases are kept while every turn waits for the store", async () => {
  await using ground = await testGround();
  const { bus, sql, start, opened } = ground;
  const service = opened.use(await start(3_000));
  // Many more than turns have connections: each waits until its time is over, and the next ones wait behind it.
  const sites = Array.from({ length: 40 }, (_, index) => `site-${index}`);
  await Promise.all(sites.map((site) => beginSite(bus, site)));
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const { promise: locked, resolve: haveLocked } = Promise.withResolvers<void>();
  const holding = sql.begin(async (transaction) => {
    await transaction`select 1 from site for update`;
    haveLocked();
    await gate;
  });
  await locked;
  const waiting = sites.map((site) => record(bus, site, [scanOf("a1")]).catch(() => undefined));

  const renewals = new Set<number>();
  try {
    await eventually("several renewals", async () => {
      const rows = await sql<{ until: Date; held: boolean }[]>`
        select until, until > clock_timestamp() as held from partition`;
      if (rows.some(({ held }) => !held)) throw new GiveUp("a lease ran out");
      for (const { until } of rows) renewals.add(until.getTime());
      return renewals.size >= 5;
    });
  } finally {
    open();
    await holding;
    await Promise.all(waiting);
  }
  expect(await service.stop()).toBe(0);
});

test("processes killed and stopped under load lose nothing that was answered, and apply nothing twice", async () => {
  await using ground = await testGround();
  const { bus, sql, start, opened } = ground;
  const sites = ["north", "south", "east"];
  const tags = ["a1", "b1", "c1", "d1", "e1"];
  const first = opened.use(await start());
  for (const site of sites) {
    await beginSite(bus, site);
    for (const tag of tags) await beginItem(bus, site, tag);
  }

  const answered = new Map<string, { site: string; scan: Scan; receipt: Receipt }>();
  let ended = false;
  const types = ["rental", "touch", "return", "stage"] as const;
  const worker = async (number: number) => {
    for (let round = 0; !ended; round += 1) {
      const site = sites[(number + round) % sites.length] ?? "";
      const scans = tags.map((tag, index) =>
        scanOf(tag, { type: types[(round + index) % types.length] ?? "touch", contract: `C-${number}` }),
      );
      const { receipts } = await insist<"scans.record">(bus, site, commandOf("scans.record", { scans }));
      for (const [index, receipt] of receipts.entries()) {
        const scan = scans[index];
        if (scan !== undefined) answered.set(receipt.id, { site, scan, receipt });
      }
    }
  };
  const load = Promise.all(Array.from({ length: 8 }, (_, number) => worker(number)));
  const moreAnswers = (count: number) => {
    const from = answered.size;
    return eventually(`${count} more answers`, () => answered.size >= from + count);
  };

  await moreAnswers(300);
  await first.kill();
  const second = opened.use(await start());
  await moreAnswers(300);
  const third = opened.use(await start());
  await moreAnswers(300);
  expect(await second.stop()).toBe(0);
  await moreAnswers(300);
  ended = true;
  await load;

  const scanIds: (string | undefined)[] = [];
  for (const site of sites) {
    const { log: events } = await expectSound(sql, site);
    scanIds.push(...events.map(({ scanId }) => scanId).filter((id) => id !== undefined));
    // What was committed and not yet published when a process died was read from the log by the next.
    expect(await streamedOf(bus, site, events.length)).toEqual(events);
  }
  expect(new Set(scanIds).size).toBe(scanIds.length);
  const stored = new Map(
    (await sql<{ id: string; receipt: Receipt }[]>`select id::text, receipt from receipt`).map((row) => [
      row.id,
      row.receipt,
    ]),
  );
  for (const [id, { receipt }] of answered) expect({ ...receipt, replayed: false }).toEqual(stored.get(id));

  const sample = [...answered.values()].filter((_, index) => index % 7 === 0);
  for (const { site, scan, receipt } of sample)
    expect(await record(bus, site, [scan])).toEqual([{ ...receipt, replayed: true }]);
  expect(await third.stop()).toBe(0);
}, 300_000);
