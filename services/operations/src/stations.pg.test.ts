import {
  type ContractView,
  newId,
  type Observation,
  type SessionMode,
  type SessionView,
} from "@tagwire/messages";
import { testDatabase } from "@tagwire/testing";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Act } from "./actors/act.ts";
import { observedAct } from "./actors/observed.ts";
import type { Answer } from "./actors/site.ts";
import { sessionsPerStationMax } from "./actors/station-session.ts";
import { createAct, scanAct, traceparent } from "./actors/test-acts.ts";
import {
  beginSite,
  expectSound,
  type Member,
  readLog,
  type TestOperations,
  tellActs,
  testOperations,
} from "./test-operations.ts";
import { createTold, type Told } from "./test-told.ts";

/* What readers hear at a station: scans of the session there, decided and committed on a real store; each test on a site of its own. */

let operations: TestOperations;
let member: Member;
let sites = 0;
let site: string;
let told: Told;
const newSite = async (): Promise<string> => {
  sites += 1;
  await beginSite(member, `site-${sites}`);
  return `site-${sites}`;
};
beforeAll(async () => {
  operations = await testOperations(await testDatabase());
  member = await operations.member();
});
afterAll(() => operations[Symbol.asyncDispose]());
beforeEach(async () => {
  site = await newSite();
  told = createTold(operations, member, site);
});

const gate = { id: "gate-1", mode: "checkout" } as const;
const later = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

/** A reader at the gate hears a tag, a second after the last act of the story unless more is said. */
const heardAt = async (
  of: string,
  tag: string,
  { lastHeardAt, ...more }: Partial<Observation> & { lastHeardAt: string },
): Promise<Answer> => {
  const observation: Observation = {
    ...{ id: newId(), tag, place: "gate", antenna: 2, reads: 9, peakRssiDbm: -48, traceparent },
    ...{ firstHeardAt: lastHeardAt, lastHeardAt, station: gate },
    ...more,
  };
  const [answer] = await tellActs(member, of, [
    observedAct(observation, "dock-reader", later(lastHeardAt, 50)),
  ]);
  if (answer === undefined || answer instanceof Error) throw answer ?? new Error("no answer");
  return answer;
};
const hear = (tag: string, more: Partial<Observation> = {}): Promise<Answer> =>
  heardAt(site, tag, { lastHeardAt: later(told.instant(told.minute()), 1_000), ...more });

const begin = (id: string, more: Partial<Parameters<Told["done"]>[1]> = {}) =>
  told.done("session.begin", { id, mode: "checkout", station: gate.id, ...more } as never);
const close = (id: string, closedAt?: string) =>
  told.done("session.close", { session: id, close: closedAt === undefined ? {} : { closedAt } });
const eventsOf = async (tag: string) =>
  (await readLog(operations.sql, site)).filter((event) => event.tag === tag);

test("that a tag is of ISO is told anew though all else is a repeat, survives what is taken back, and goes with the tag", async () => {
  await told.done("item.create", { tag: "x1", class: "chair" });
  const at = later(told.instant(told.minute()), 1_000);
  const lastScan = async (tag = "x1") =>
    (await expectSound(operations.sql, site)).items.find((item) => item.tag === tag)?.lastScan;
  await heardAt(site, "x1", { lastHeardAt: at });
  const news = await heardAt(site, "x1", { lastHeardAt: later(at, 5_000), isIso: true });
  expect(await lastScan()).toMatchObject({ isIso: true });
  const last = await heardAt(site, "x1", { lastHeardAt: later(at, 90_000) });
  expect(await lastScan()).toMatchObject({ isIso: true });
  for (const { receipt } of [last, news])
    await told.done("events.undo", { events: [receipt.event?.pos ?? 0], preview: false });
  expect(await lastScan()).toMatchObject({ scannedAt: at, isIso: true });
  await told.done("item.retag", { tag: "x1", to: "x2" });
  expect(await lastScan("x2")).toMatchObject({ scannedAt: at });
  expect(await lastScan("x2")).not.toHaveProperty("isIso");
});

describe("the same tags, scanned by hand and heard at a station, come to the same", () => {
  const tags = ["a1", "a2", "a3", "a4", "b1", "b2", "gone"];
  /** What only one of the two ways can have. */
  const comparable = (view: SessionView | undefined) => {
    const { id, people, devices, parts, waitingFor, station, version, pos, lastScanAt, begunAt, ...rest } =
      view as SessionView;
    // A reader declares nothing, and nobody waits for it to.
    expect(waitingFor).toEqual(station === undefined ? devices : []);
    expect(parts).toMatchObject([{ declared: null, arrived: { count: 8 } }]);
    return rest;
  };
  const comparableContract = (view: ContractView | undefined) =>
    view && { ...view, version: 0, pos: 0, stateAt: "", openedAt: "", lastActAt: "" };

  type Case = {
    mode: SessionMode;
    contract?: string;
    type: "rental" | "return" | "count" | "touch" | "pickup" | "service";
    expected?: string[];
    before?: (story: Told) => Promise<unknown>;
  };
  const out = async (story: Told) => {
    for (const tag of ["a1", "a2"]) await story.scan(tag, { type: "rental", contract: "100" });
  };
  const lines = [
    { class: "chair", quantity: 3 },
    { class: "tent", quantity: 2 },
  ];
  test.each<Case>([
    { mode: "checkout", contract: "100", type: "rental" },
    { mode: "checkout", contract: "100", type: "rental", before: out },
    { mode: "return", contract: "100", type: "return", before: out },
    { mode: "return", type: "return", before: out },
    { mode: "count", type: "count", expected: ["a1", "a2", "b2"], before: out },
    { mode: "service", type: "touch", expected: ["a1", "b1"] },
    { mode: "laundry", contract: "L9", type: "rental" },
    {
      mode: "laundry",
      contract: "L9",
      type: "pickup",
      before: async (story) => {
        await story.scan("a1", { type: "rental", contract: "L9" });
        await story.done("contract.act", { number: "L9", act: "finalize" });
      },
    },
    { mode: "laundry", type: "service" },
  ])("in $mode on $contract, where a person makes a $type scan", async ({ mode, type, ...more }) => {
    const { contract, expected, before } = more;
    const tell = async (of: string, how: "hand" | "station") => {
      const story = createTold(operations, member, of);
      await story.stock(["a1", "a2", "a3", "a4"]);
      await story.stock(["b1", "b2", "gone"], "tent");
      await story.done("contract.open", { number: "100", lines });
      await story.done("contract.open", { number: "L9", kind: "laundry", lines });
      await story.scan("a4", { type: "rental", contract: "other" });
      await story.scan("b2", { type: "service", status: "repair" });
      await story.done("item.patch", { tag: "gone", version: null, patch: { status: "retired" } });
      await before?.(story);
      const id = newId();
      const about = {
        ...(contract === undefined ? {} : { contract }),
        ...(expected === undefined ? {} : { expected }),
      };
      const at = how === "station" ? { station: gate.id } : {};
      await story.done("session.begin", { id, mode, ...about, ...at });
      const passes = [...tags, "stranger", "a1", "a2", "a4"];
      for (const tag of passes) {
        if (how === "hand") {
          const status = type === "service" ? ({ status: "wash" } as const) : {};
          await story.receipt(tag, { type, session: id, place: "gate", ...status });
        } else {
          story.skip(1);
          await heardAt(of, tag, { lastHeardAt: story.instant(story.minute()) });
        }
      }
      const { session } = await story.done("session.close", { session: id, close: {} });
      const { items } = await expectSound(operations.sql, of);
      return {
        session: comparable(await story.session(id)),
        duplicates: session?.duplicates,
        tags: await story.sessionTags(id),
        contracts: [
          comparableContract(await story.contract("100")),
          comparableContract(await story.contract("L9")),
        ],
        items: items
          .map(({ tag, status, contract: on, place, condition }) => ({ tag, status, on, place, condition }))
          .sort((left, right) => (left.tag < right.tag ? -1 : 1)),
      };
    };
    const byHand = await tell(site, "hand");
    const atStation = await tell(await newSite(), "station");
    expect(atStation).toEqual(byHand);
    expect(atStation.session).toMatchObject({ unknown: 1 });
    expect(atStation.duplicates).toBeGreaterThan(0);
  });
});

describe("an observation at a station", () => {
  test("is a scan of the session that is open there, with its evidence and the reader as who", async () => {
    await told.stock(["x1"]);
    await told.done("contract.open", { number: "100", lines: [{ class: "chair", quantity: 1 }] });
    const id = newId();
    await begin(id, { contract: "100" });
    const { receipt } = await hear("x1", { tid: "E2801105" });
    expect(receipt).toMatchObject({ outcome: "accepted", item: { status: "on_rent" } });
    expect((await eventsOf("x1")).at(-1)).toMatchObject({
      ...{ type: "item.rented.v1", contract: "100", session: id, by: { reader: "dock-reader", antenna: 2 } },
      data: {
        set: { status: "on_rent", contract: "100", place: "gate" },
        scan: { type: "rental", reads: 9, peakRssiDbm: -48, station: "gate-1", tid: "E2801105" },
      },
    });
    expect(await told.session(id)).toMatchObject({
      ...{ station: "gate-1", devices: ["d", "dock-reader"] },
      ...{ expected: 1, found: 1, missing: 0 },
    });
    expect(await told.contract("100")).toMatchObject({ progress: "all_out" });
  });

  test.each<{ what: string; more: Partial<Observation> }>([
    { what: "a zone", more: { station: { id: "gate-1", mode: "zone" } } },
    { what: "a portal", more: { station: { id: "gate-1", mode: "portal" } } },
    { what: "another station", more: { station: { id: "gate-2", mode: "checkout" } } },
    { what: "no station", more: { station: undefined as never } },
    { what: "a station, of a tag that is only overheard", more: { stray: "undecided" } },
  ])("at $what is a sighting beside the session", async ({ more }) => {
    await told.stock(["x1"]);
    const id = newId();
    await begin(id, { contract: "100" });
    await hear("x1", more);
    const [, seen] = await eventsOf("x1");
    expect(seen).toMatchObject({ type: "item.sighted.v1", data: { scan: { type: "touch" } } });
    expect(seen?.session).toBeUndefined();
    expect(await told.session(id)).toMatchObject({ unexpected: 0, devices: ["d"] });
  });

  test("that is heard again and again leaves one event, also where it is refused or nobody knows the tag", async () => {
    await told.stock(["x1", "x2", "x3"]);
    await told.scan("x2", { type: "service", status: "repair" });
    const id = newId();
    await begin(id, { contract: "100" });
    for (const tag of ["x1", "x2", "stranger"]) await hear(tag);
    const before = await readLog(operations.sql, site);
    for (let round = 0; round < 5; round += 1) {
      told.skip(1);
      expect((await hear("x1")).receipt).toMatchObject({
        outcome: "already_applied",
        code: "duplicate_in_session",
      });
      expect((await hear("x2")).receipt).toMatchObject({ outcome: "rejected", code: "transition_refused" });
      expect((await hear("stranger")).receipt).toMatchObject({ outcome: "quarantined" });
    }
    expect(await readLog(operations.sql, site)).toEqual(before);
    const [{ waiting }] = await operations.sql<[{ waiting: number }]>`
      select count(*)::int as waiting from quarantine where site = ${site} and released_at is null`;
    expect(waiting).toBe(1);
    await close(id);
    expect(await told.session(id)).toMatchObject({ duplicates: 10, rejected: 1, unknown: 1, unexpected: 1 });
    await expectSound(operations.sql, site);
  });

  test("that only says that a thing still lies there, and no session is open, leaves an event a minute", async () => {
    await told.stock(["x1", "x2"]);
    await told.scan("x1", { type: "touch", place: "yard" });
    const startMs = Date.parse(told.instant(told.minute())) + 1_000;
    const after = (ms: number): string => new Date(startMs + ms).toISOString();
    const outcomes = [];
    for (let ms = 0; ms <= 120_000; ms += 5_000)
      outcomes.push((await hear("x1", { lastHeardAt: after(ms) })).receipt.outcome);
    expect(outcomes.filter((outcome) => outcome === "already_applied")).toHaveLength(22);
    const seen = (await eventsOf("x1")).slice(2).map(({ scannedAt }) => scannedAt);
    expect(seen).toEqual([0, 60_000, 120_000].map(after));
    // Another reader, another place, a zone and whatever is decided otherwise are told at once.
    await hear("x1", { lastHeardAt: after(121_000), place: "wash" });
    await hear("x1", { lastHeardAt: after(122_000), place: "wash", station: { id: "z", mode: "zone" } });
    await told.done("item.patch", { tag: "x1", version: null, patch: { status: "missing" } });
    told.skip(3);
    const found = await hear("x1", { place: "wash" });
    expect(found.receipt).toMatchObject({ outcome: "accepted", item: { status: "ready" } });
    expect(await eventsOf("x1")).toHaveLength(9);
    await expectSound(operations.sql, site);
  });

  test("of a tag that is commissioned later is decided in the session where it was heard", async () => {
    const id = newId();
    await begin(id, { contract: "100" });
    await hear("new1");
    await tellActs(member, site, [createAct("new1")]);
    expect((await eventsOf("new1")).at(-1)).toMatchObject({
      type: "item.rented.v1",
      session: id,
      contract: "100",
    });
    expect(await told.session(id)).toMatchObject({ unknown: 0, unexpected: 1 });
    await expectSound(operations.sql, site);
  });

  test("that is told again under its id is answered as it was, whatever sessions there are by now", async () => {
    await told.stock(["x1"]);
    const observation = { id: newId(), lastHeardAt: later(told.instant(told.minute()), 500) };
    const { receipt } = await hear("x1", observation);
    await begin(newId(), { contract: "100", begunAt: told.instant(0) });
    expect((await hear("x1", observation)).receipt).toEqual({ ...receipt, replayed: true });
    expect(await eventsOf("x1")).toHaveLength(2);
  });
});

describe("what was decided in the session already is not decided again by a reader that still hears the tag", () => {
  const itemNow = async (tag: string) =>
    (await expectSound(operations.sql, site)).items.find((item) => item.tag === tag);
  /** The tag lies in view of the antenna, for two minutes more. */
  const lies = async (tag: string) => {
    for (let round = 0; round < 4; round += 1) {
      told.skip(1);
      await hear(tag);
    }
  };

  test("a rental that a person took back stays taken back, until a person says otherwise", async () => {
    await told.stock(["x1"]);
    const id = newId();
    await begin(id, { contract: "100" });
    const { receipt } = await hear("x1");
    expect(receipt).toMatchObject({ item: { status: "on_rent" } });
    const undo = { events: [receipt.event?.pos ?? 0], preview: false };
    await told.done("events.undo", undo);
    await lies("x1");
    expect(await itemNow("x1")).toMatchObject({ status: "ready", contract: null });
    // It is seen to lie there all the same.
    expect((await eventsOf("x1")).at(-1)).toMatchObject({ type: "item.sighted.v1" });
    expect(await told.session(id)).toMatchObject({ unexpected: 0 });
    told.skip(1);
    await told.receipt("x1", { type: "rental", session: id });
    expect(await itemNow("x1")).toMatchObject({ status: "on_rent", contract: "100" });
    await lies("x1");
    await expectSound(operations.sql, site);
  });

  test("what a person scanned back by hand stays back", async () => {
    await told.stock(["x1"]);
    const id = newId();
    await begin(id, { contract: "100" });
    await hear("x1");
    told.skip(1);
    await told.receipt("x1", { type: "return", session: id });
    await lies("x1");
    expect(await itemNow("x1")).toMatchObject({ status: "ready", contract: null });
    await expectSound(operations.sql, site);
  });

  test("laundry that is still at the gate when its count is final has not come back; in a session after that it has", async () => {
    await told.stock(["x1"]);
    await told.done("contract.open", { number: "L1", kind: "laundry", lines: [] });
    const counting = newId();
    await begin(counting, { mode: "laundry", contract: "L1" });
    await hear("x1");
    await told.done("contract.act", { number: "L1", act: "finalize" });
    await lies("x1");
    expect(await itemNow("x1")).toMatchObject({ status: "on_rent", contract: "L1" });
    expect(await told.contract("L1")).toMatchObject({ progress: "all_out" });
    await close(counting);
    await begin(newId(), { mode: "laundry", contract: "L1" });
    await hear("x1");
    expect(await told.contract("L1")).toMatchObject({ progress: "all_returned" });
    await expectSound(operations.sql, site);
  });
});

describe("an observation counts in the session of the instant when it was heard", () => {
  test("before the beginning and after the end it is a sighting, between them a scan, however late it is told", async () => {
    await told.stock(["x1", "x2", "x3", "x4"]);
    const id = newId();
    const begunAt = told.instant(10);
    told.skip(40);
    await begin(id, { contract: "100", begunAt });
    const closedAt = told.instant(20);
    await close(id, closedAt);
    const at = (lastHeardAt: string) => ({ lastHeardAt });
    await hear("x1", at(later(begunAt, -1)));
    await hear("x2", at(begunAt));
    await hear("x3", at(closedAt));
    await hear("x4", at(later(closedAt, 1)));
    const sessions = [];
    for (const tag of ["x1", "x2", "x3", "x4"]) sessions.push((await eventsOf(tag)).at(-1)?.session);
    expect(sessions).toEqual([undefined, id, id, undefined]);
    expect(await told.session(id)).toMatchObject({ state: "closed", unexpected: 2, lateScans: 2 });
    await expectSound(operations.sql, site);
  });

  test("what was decided before the beginning was heard stays, what comes afterwards counts from its beginning on", async () => {
    await told.stock(["x1", "x2"]);
    told.skip(10);
    const heard = told.instant(8);
    await hear("x1", { lastHeardAt: heard });
    const id = newId();
    await begin(id, { contract: "100", begunAt: told.instant(5) });
    await hear("x2", { lastHeardAt: heard });
    expect(await told.sessionTags(id)).toMatchObject([{ tag: "x2", outcome: "seen" }]);
    // Still there, it is heard again within seconds.
    await hear("x1");
    expect(await told.session(id)).toMatchObject({ unexpected: 2 });
  });

  test("of a session whose beginning is heard after its close, too, and nobody is kept from the station by it", async () => {
    await told.stock(["x1", "x2"]);
    const late = newId();
    told.skip(20);
    await told.receipt("x1", { type: "count", session: late, scannedAt: told.instant(6) });
    await close(late, told.instant(10));
    const now = newId();
    await begin(now, { mode: "count" });
    await begin(late, { mode: "count", begunAt: told.instant(5) });
    await hear("x2", { lastHeardAt: told.instant(7) });
    expect(await told.sessionTags(late)).toMatchObject([{ tag: "x1" }, { tag: "x2" }]);
    await hear("x2");
    expect(await told.sessionTags(now)).toMatchObject([{ tag: "x2" }]);
  });

  test("of the newest sessions there: what is told later than that is a sighting, on both sides of a restart", async () => {
    await told.stock(["x1", "x2", "x3", "x4"]);
    const ids: string[] = [];
    const begun: string[] = [];
    for (let index = 0; index <= sessionsPerStationMax; index += 1) {
      const id = newId();
      ids.push(id);
      await begin(id, { mode: "count" });
      begun.push(told.instant(told.minute()));
      await close(id);
    }
    const [tooOld = "", oldest = ""] = begun;
    await hear("x1", { lastHeardAt: tooOld });
    await hear("x2", { lastHeardAt: oldest });
    member.turns.forget(site);
    await hear("x3", { lastHeardAt: tooOld });
    await hear("x4", { lastHeardAt: oldest });
    for (const tag of ["x1", "x3"])
      expect((await eventsOf(tag)).slice(1).map(({ session }) => session)).toEqual([undefined]);
    expect(await told.session(ids[1] ?? "")).toMatchObject({ unexpected: 2 });
    expect(await told.session(ids[0] ?? "")).toMatchObject({ unexpected: 0 });
  });
});

test("whoever decides, one who remembers or one who has just come, decides the same", async () => {
  const tags = ["x1", "x2", "x3"];
  const ids = Array.from({ length: 6 }, () => newId());
  const minute = fc.integer({ min: 0, max: 60 });
  const which = fc.integer({ min: 0, max: ids.length - 1 });
  const mode = fc.constantFrom("checkout", "return", "count");
  const step = fc.oneof(
    fc.record({ kind: fc.constant("begin" as const), which, mode, begun: minute }),
    fc.record({ kind: fc.constant("close" as const), which, closed: minute }),
    fc.record({ kind: fc.constant("reopen" as const), which }),
    ...Array.from({ length: 3 }, () =>
      fc.record({ kind: fc.constant("hear" as const), tag: fc.constantFrom(...tags), heard: minute }),
    ),
  );
  const turn = fc.record({ steps: fc.array(step, { minLength: 1, maxLength: 4 }), restarts: fc.boolean() });
  const at = (minutes: number) => new Date(Date.UTC(2026, 4, 4, 8, minutes)).toISOString();

  await fc.assert(
    fc.asyncProperty(fc.array(turn, { minLength: 5, maxLength: 25 }), async (turns) => {
      const [remembering, forgetful] = [await newSite(), await newSite()];
      const stock = [
        ...tags.map((tag) => createAct(tag)),
        scanAct("x1", { type: "rental", contract: "C" }, { receivedAt: at(0) }),
      ];
      for (const of of [remembering, forgetful]) await tellActs(member, of, stock);
      let closedAtPos = new Map<string, number>();
      for (const [index, { steps, restarts }] of turns.entries()) {
        const receivedAt = at(61 + index);
        const origin = { by: { device: "d" }, receivedAt, traceparent };
        const acts = steps.flatMap((one): Act[] => {
          if (one.kind === "hear") {
            const lastHeardAt = at(one.heard);
            const observation: Observation = {
              ...{ id: newId(), tag: one.tag, place: "gate", antenna: 1, reads: 3, peakRssiDbm: -50 },
              ...{ traceparent, firstHeardAt: lastHeardAt, lastHeardAt, station: gate },
            };
            return [observedAct(observation, "dock-reader", receivedAt)];
          }
          const id = ids[one.which] ?? "";
          if (one.kind === "begin") {
            const about = { mode: one.mode, contract: "C", station: gate.id, begunAt: at(one.begun) };
            return [{ kind: "session.begin", id: newId(), origin, body: { id, ...about } }];
          }
          if (one.kind === "close")
            return [
              {
                ...({ kind: "session.close", id: newId(), origin } as const),
                body: { session: id, close: { closedAt: at(one.closed) } },
              },
            ];
          const pos = closedAtPos.get(id);
          return pos === undefined
            ? []
            : [{ kind: "events.undo", id: newId(), origin, body: { events: [pos], preview: false } }];
        });
        if (acts.length === 0) continue;
        if (restarts) member.turns.forget(forgetful);
        const told = await Promise.all([remembering, forgetful].map((of) => tellActs(member, of, acts)));
        const words = told.map((answers) =>
          answers.map((one) =>
            one instanceof Error ? one.message : [one.receipt.outcome, one.receipt.code, one.receipt.event],
          ),
        );
        expect(words[1]).toEqual(words[0]);
        closedAtPos = new Map(
          (await readLog(operations.sql, remembering)).flatMap(({ type, session = "", pos }) =>
            type === "session.closed.v1" ? [[session, pos] as const] : [],
          ),
        );
      }
      const logs = await Promise.all(
        [remembering, forgetful].map(async (of) =>
          (await expectSound(operations.sql, of)).log
            .slice(1)
            .map(({ type, tag, session, contract, data }) => ({ type, tag, session, contract, data })),
        ),
      );
      expect(logs[1]).toEqual(logs[0]);
      const open = await operations.sql`
        select id from session where site = ${remembering} and station = ${gate.id} and state = 'open'`;
      expect(open.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 15, endOnFailure: true },
  );
});

describe("one session is open at a station at a time", () => {
  test("a second one is refused and told which is open, until that is closed", async () => {
    const [first, second] = [newId(), newId()];
    await begin(first);
    const refusal = await told.command("session.begin", { id: second, mode: "return", station: gate.id });
    expect(refusal).toMatchObject({ code: "station_busy", detail: `session ${first} is open at gate-1` });
    expect(await told.session(second)).toBeUndefined();
    await told.done("session.begin", { id: newId(), mode: "return", station: "gate-2" });
    await told.done("session.begin", { id: newId(), mode: "return" });
    await close(first);
    await begin(second);
    expect(await told.session(second)).toMatchObject({ state: "open", station: "gate-1" });
    await expectSound(operations.sql, site);
  });

  test("two that come in one turn are told apart, and one that is repeated is answered as before", async () => {
    const ids = [newId(), newId()];
    const receivedAt = told.instant(1);
    const acts = ids.map((id) => ({
      ...({ kind: "session.begin", id, origin: { by: { device: "d" }, receivedAt, traceparent } } as const),
      body: { id, mode: "count" as const, station: gate.id },
    }));
    const [first, second] = await tellActs(member, site, acts);
    expect(first).toMatchObject({ receipt: { outcome: "accepted" } });
    expect(second).toMatchObject({ code: "station_busy" });
    member.turns.forget(site);
    expect(await tellActs(member, site, acts)).toMatchObject([
      { receipt: { outcome: "accepted", replayed: true } },
      { code: "station_busy" },
    ]);
  });

  test("the close of one is not taken back while another is open there", async () => {
    await told.stock(["x1"]);
    const [first, second] = [newId(), newId()];
    await begin(first, { contract: "100" });
    const closed = await told.at("session.close", { session: first, close: {} });
    await begin(second, { contract: "100" });
    expect(await told.refusal({ events: [closed] })).toMatchObject({
      code: "undo_refused",
      detail: expect.stringContaining(`session ${second} is open at its station`),
    });
    await close(second);
    // What was not remembered is read: the one that takes it back may be another process.
    member.turns.forget(site);
    await told.undo({ events: [closed] });
    expect(await told.session(first)).toMatchObject({ state: "open" });
    await hear("x1");
    expect(await told.session(first)).toMatchObject({ unexpected: 1 });
    expect(await told.session(second)).toMatchObject({ unexpected: 0 });
    expect(await told.refused("session.begin", { id: newId(), mode: "count", station: gate.id })).toBe(
      "station_busy",
    );
    await expectSound(operations.sql, site);
  });
});
