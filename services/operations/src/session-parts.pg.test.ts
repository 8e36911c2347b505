import { Fault, newId, partsMax, type SessionView } from "@tagwire/messages";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Act } from "./actors/act.ts";
import { eventBytesMax } from "./actors/event-size.ts";
import { createAct, originOf, scanAct } from "./actors/test-acts.ts";
import {
  beginSite,
  expectSound,
  type Member,
  readLog,
  type TestOperations,
  tellActs,
} from "./test-operations.ts";
import { createTold, eachOnItsSite, sha256, type Told } from "./test-told.ts";

/* Each device says for itself what it scanned in a session, and that is compared with what has arrived of that device and of no other. */

let operations: TestOperations;
let member: Member;
let site: string;
let sites: number;
let told: Told;
eachOnItsSite((ground) => {
  ({ operations, member, site, sites, told } = ground);
});

const startMs = Date.parse("2026-05-04T08:00:00.000Z");
const at = (minute: number): string => new Date(startMs + minute * 60_000).toISOString();
const setOf = (tags: Iterable<string>) => {
  const sorted = [...new Set(tags)].sort();
  return { count: sorted.length, digest: sha256(sorted) };
};

/** The second one is a browser: whoever is signed in there is not the device, and its requests name it. */
const incarnation = "01890000-0000-7000-8000-0000deadbeef";
const deviceOf = (index: number) => ({
  name: index === 1 ? "browser#deadbeef" : `tablet-${index}`,
  by: index === 1 ? { person: "ana" } : { device: `tablet-${index}` },
  named: index === 1 ? { device: { id: "browser", incarnation } } : {},
  counted: index === 1 ? { countedBy: "browser#deadbeef" } : {},
});

const pool = ["P1", "P2", "P3", "P4", "GHOST"];

type Step =
  | { readonly do: "scan" | "again" | "join" | "declare"; readonly device: number; readonly which: number }
  | { readonly do: "close"; readonly device: number; readonly declares: boolean }
  | { readonly do: "forget" };

const device = fc.nat({ max: 3 });
const stepOf = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("scan" as const), device, which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("again" as const), device, which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("declare" as const), device, which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("join" as const), device, which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("close" as const), device, declares: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("forget" as const) }) },
);

/** What a device has read, of which the rest is handed in later; the same tag may be read by several. */
const readsOf = fc.array(fc.nat({ max: pool.length - 1 }), { maxLength: 5 });
const storyOf = fc.record({
  reads: fc.array(readsOf, { minLength: 2, maxLength: 4 }),
  /** Steps that reach the owner at once are one turn. */
  turns: fc.array(fc.array(stepOf, { minLength: 1, maxLength: 4 }), { maxLength: 12 }),
  closer: device,
});

type Device = {
  readonly read: readonly string[];
  readonly ids: readonly string[];
  readonly arrived: Set<string>;
  handed: number;
  joined: boolean;
  declared: boolean;
};

const expectedOf = (devices: readonly Device[], isClosed: boolean) => {
  const taking = devices.flatMap((one, index) =>
    one.joined || one.declared || one.arrived.size > 0 ? [{ ...one, name: deviceOf(index).name }] : [],
  );
  const waited = taking
    .filter(({ declared, read, arrived }) => !declared || arrived.size < new Set(read).size)
    .map(({ name }) => name)
    .sort();
  const hasSpoken = taking.some(({ joined, declared }) => joined || declared);
  return {
    complete: !isClosed || !hasSpoken ? null : waited.length === 0,
    waitingFor: isClosed ? waited : [],
  };
};

test("a session is complete once every device that took part has declared and all of it has come, in whatever order", async () => {
  let stories = 0;
  await fc.assert(
    fc.asyncProperty(storyOf, async ({ reads, turns, closer }) => {
      stories += 1;
      const own = `site-${sites}-${stories}`;
      await beginSite(member, own);
      await tellActs(
        member,
        own,
        pool.slice(0, -1).map((tag) => createAct(tag)),
      );
      const session = newId();
      const view = createTold(operations, member, own);
      const devices = reads.map(
        (read): Device => ({
          read: read.map((index) => pool[index] ?? ""),
          ids: read.map(() => newId()),
          arrived: new Set(),
          ...{ handed: 0, joined: false, declared: false },
        }),
      );
      let minute = 10;
      let isClosed = false;
      const scanned = (index: number, which: number, id?: string): Act[] => {
        const one = devices[index];
        const tag = one?.read[which];
        if (one === undefined || tag === undefined) return [];
        one.arrived.add(tag);
        const { by, counted } = deviceOf(index);
        const scan = { id: id ?? newId(), session, type: "count" as const, scannedAt: at(which) };
        return [{ ...scanAct(tag, scan, { by, receivedAt: at(minute) }), ...counted } as Act];
      };
      const command = (kind: string, index: number, body: object): Act =>
        ({
          ...{ kind, id: newId(), origin: originOf({ by: deviceOf(index).by, receivedAt: at(minute) }) },
          body: { session, ...body },
        }) as Act;
      const play = (step: Step): Act[] => {
        if (step.do === "forget") return [];
        const index = step.device % devices.length;
        const one = devices[index] as Device;
        const { named } = deviceOf(index);
        switch (step.do) {
          case "scan": {
            if (one.handed >= one.read.length) return [];
            one.handed += 1;
            return scanned(index, one.handed - 1, one.ids[one.handed - 1]);
          }
          case "again": {
            if (one.handed === 0) return [];
            const which = step.which % one.handed;
            return scanned(index, which, step.which % 2 === 0 ? one.ids[which] : undefined);
          }
          case "join":
            one.joined = true;
            return [command("session.join", index, { join: named })];
          case "declare":
            one.declared = true;
            return [command("session.declare", index, { declare: { ...setOf(one.read), ...named } })];
          case "close":
            isClosed = true;
            one.declared ||= step.declares;
            return [
              command("session.close", index, {
                close: { ...(step.declares ? setOf(one.read) : {}), ...named },
              }),
            ];
        }
      };
      const check = async () => {
        const { complete, waitingFor } = (await view.session(session)) as SessionView;
        expect({ complete, waitingFor }).toEqual(expectedOf(devices, isClosed));
      };
      const begun = originOf({ by: { person: "office" }, receivedAt: at(0) });
      await tellActs(member, own, [
        { kind: "session.begin", id: session, origin: begun, body: { id: session, mode: "count" } },
      ]);
      for (const turn of turns) {
        minute += 1;
        // What is remembered and what the log says come to the same.
        if (turn.some((step) => step.do === "forget")) member.turns.forget(own);
        const acts = turn.flatMap(play);
        if (acts.length === 0) continue;
        const answers = await tellActs(member, own, acts);
        expect(answers.filter((answer) => answer instanceof Error)).toEqual([]);
        await check();
      }
      // In the end everything has come, whatever came before.
      minute += 1;
      const rest = devices.flatMap((one, index) => [
        ...one.read.flatMap((_, which) => scanned(index, which, one.ids[which])),
        ...play({ do: "declare", device: index, which: 0 }),
      ]);
      await tellActs(member, own, [...play({ do: "close", device: closer, declares: true }), ...rest]);
      await check();
      expect(await view.session(session)).toMatchObject({ complete: true, waitingFor: [] });
      await expectSound(operations.sql, own);
    }),
    { numRuns: 40 },
  );
});

test("a device that joined and said nothing is waited for by its name, and what readers heard proves nothing", async () => {
  await told.stock(["x1", "x2"]);
  const id = newId();
  await told.done("session.begin", { id, mode: "count" });
  await told.scan("x1", { type: "count", session: id });
  const joined = originOf({ by: { device: "tablet-2" }, receivedAt: told.instant(2) });
  const join = { session: id, join: {} };
  await tellActs(member, site, [{ kind: "session.join", id: newId(), origin: joined, body: join }]);
  await told.done("session.close", { session: id, close: { ...setOf(["x1"]), lastSeq: 7 } });
  expect(await told.session(id)).toMatchObject({
    ...{ complete: false, waitingFor: ["tablet-2"] },
    parts: [
      { device: "d", state: "complete", declared: { count: 1, lastSeq: 7 } },
      { device: "tablet-2", joined: true, declared: null, state: "silent", arrived: { count: 0 } },
    ],
  });
  const nothing = { session: id, declare: setOf([]) };
  await tellActs(member, site, [{ kind: "session.declare", id: newId(), origin: joined, body: nothing }]);
  expect(await told.session(id)).toMatchObject({ complete: true, waitingFor: [] });
  const by = { reader: "gate" };
  await tellActs(member, site, [
    scanAct("x2", { type: "count", session: id, scannedAt: told.instant(1) }, { by }),
  ]);
  expect(await told.session(id)).toMatchObject({
    ...{ complete: null, waitingFor: [], lateScans: 1 },
    parts: [{ device: "d" }, { device: "tablet-2" }, { device: "gate", state: "reader" }],
  });
  await expectSound(operations.sql, site);
});

test("whoever closes a session without a word has declared nothing, and the view says so", async () => {
  await told.stock(["x1"]);
  const id = newId();
  await told.scan("x1", { type: "count", session: id });
  await told.done("session.close", { session: id, close: {} });
  expect(await told.session(id)).toMatchObject({
    ...{ complete: null, declared: null, waitingFor: ["d"] },
    parts: [{ device: "d", joined: false, declared: null, state: "silent", arrived: { count: 1 } }],
  });
});

test("a scan that comes late moves the instant of the last scan nowhere", async () => {
  await told.stock(["x1", "x2"]);
  const id = newId();
  await told.scan("x1", { type: "count", session: id, scannedAt: at(-1) });
  await told.scan("x2", { type: "count", session: id, scannedAt: at(-90) });
  expect(await told.session(id)).toMatchObject({ lastScanAt: at(-1) });
  await expectSound(operations.sql, site);
});

test("whatever number of names takes part, what is said of a session fits onto the bus, and the site goes on", async () => {
  await told.stock(["x1", "x2"]);
  const id = newId();
  await told.done("session.begin", { id, mode: "count" });
  const origin = originOf({ by: { device: "d" }, receivedAt: told.instant(1) });
  const nameOf = (index: number) => ({ id: `${"made-up-name-".repeat(2)}${index}`, incarnation });
  const named = Array.from({ length: 5_000 }, (_, index) => nameOf(index));
  const acts = named.map((one, index): Act => {
    const act = { id: newId(), origin };
    if (index % 2 === 0)
      return { ...act, kind: "session.join", body: { session: id, join: { device: one } } };
    const declare = { ...setOf(["x1"]), device: one };
    return { ...act, kind: "session.declare", body: { session: id, declare } };
  });
  const answers = await tellActs(member, site, acts);
  expect(answers.map((answer) => (answer instanceof Fault ? answer.code : "taken"))).toEqual(
    named.map((_, index) => (index < partsMax ? "taken" : "session_full")),
  );
  const close = { session: id, close: { ...setOf([]), device: nameOf(4_999) } };
  expect(await tellActs(member, site, [{ kind: "session.close", id: newId(), origin, body: close }])).toEqual(
    [expect.objectContaining({ code: "session_full" })],
  );
  await told.done("session.close", { session: id, close: {} });
  const scanned = { type: "count" as const, session: id, scannedAt: told.instant(0) };
  await tellActs(
    member,
    site,
    named.map(({ id: name }) => ({ ...scanAct("x2", scanned), countedBy: name }) as Act),
  );
  const { parts = [], waitingFor } = (await told.session(id)) as SessionView;
  expect(parts).toHaveLength(partsMax + 1);
  expect(parts.at(-1)).toMatchObject({
    ...{ device: "others", holders: 5_000, state: "silent" },
    arrived: setOf(["x2"]),
  });
  expect(waitingFor).toContain("others");
  // Of those who were told, the last word counts as before.
  const again = { session: id, declare: { ...setOf([]), device: nameOf(0) } };
  await tellActs(member, site, [{ kind: "session.declare", id: newId(), origin, body: again }]);
  const log = await readLog(operations.sql, site);
  expect(Math.max(...log.map((event) => Buffer.byteLength(JSON.stringify(event))))).toBeLessThan(
    eventBytesMax / 4,
  );
  expect(log.at(-1)).toMatchObject({ type: "session.declared.v1", data: { complete: false } });
  const many = Array.from({ length: 20_000 }, (_, index) => `${index} ${"x".repeat(58)}`);
  const [tooLarge, fits] = await tellActs(
    member,
    site,
    [many, ["x1"]].map(
      (expected): Act => ({
        ...{ kind: "session.begin", id: newId(), origin },
        body: { id: newId(), mode: "count", expected },
      }),
    ),
  );
  expect(tooLarge).toMatchObject({ code: "too_large" });
  expect(fits).toMatchObject({ receipt: { outcome: "accepted" } });
  await expectSound(operations.sql, site);
}, 60_000);
