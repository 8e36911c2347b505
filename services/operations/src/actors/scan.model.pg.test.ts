import { addRow, canonicalRow, digestText, emptyDigest, rowLanes } from "@tagwire/digest";
import {
  conditionFlags,
  itemStatuses,
  type LoggedEvent,
  newId,
  type Receipt,
  scanTypes,
  serviceStatuses,
} from "@tagwire/messages";
import { testDatabase } from "@tagwire/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestItems } from "../store/items.ts";
import {
  beginSite,
  expectSound,
  type Member,
  type TestOperations,
  tellActs,
  testOperations,
} from "../test-operations.ts";
import type { Act } from "./act.ts";
import type { Answer } from "./site.ts";
import { traceparent } from "./test-acts.ts";
import { type ModelAct, type ModelAnswer, type ModelItem, SiteModel } from "./test-model.ts";

/** In portions, each with a time of its own: how long all of them take depends on what else the machine does. */
const portions = Array.from({ length: 25 }, (_, index) => index + 1);
const storiesOfPortion = 10;
const messagesMax = 60;
const dayMs = 86_400_000;

/** One process of operations with a store and a clock of its own. A story mostly waits for the store, so several are told at once. */
type Lane = { readonly operations: TestOperations; readonly member: Member };
const laneCount = 4;
const lanes: Lane[] = [];
const stack = new AsyncDisposableStack();
beforeAll(async () => {
  for (let lane = 0; lane < laneCount; lane += 1) {
    const operations = stack.use(await testOperations(await testDatabase()));
    lanes.push({ operations, member: await operations.member() });
  }
});
afterAll(() => stack.disposeAsync());

/** Stories of one lane come one after the other, since they share its clock. */
const turns = new Map<Lane, Promise<void>>();
const inTurn = (lane: Lane, work: () => Promise<void>): Promise<void> => {
  const turn = (turns.get(lane) ?? Promise.resolve()).then(work);
  // Whoever comes next does not fail because of who came before.
  turns.set(
    lane,
    turn.catch(() => {}),
  );
  return turn;
};

/* ---- what is done ---- */

const tag = fc.constantFrom("CHAIR-1", "30AB", " 30ab ", "__proto__", "Ünïté 7");
const badTag = fc.constantFrom("x".repeat(65), "", "a\u0007b", "a\u0000b", "\ud800");
const place = fc.constantFrom("dock", "aisle 4", "constructor");
const contract = fc.constantFrom("C-1", "C-2");
const quality = fc.constantFrom("A" as const, "B-" as const);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 });

const condition = fc.record(
  {
    ...Object.fromEntries(conditionFlags.map((flag) => [flag, fc.constantFrom(true, false, null)])),
    other: fc.constantFrom("bent", " ", null),
  },
  { requiredKeys: [] },
);

/** How long before its receipt a scan was made, in ms: close together, late, over 72 h, within and beyond what a clock may run ahead. */
const age = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(0, 0, 1, 400, 2_000) },
  { weight: 2, arbitrary: fc.constantFrom(60_000, 3_600_000, 3 * dayMs, 3 * dayMs + 1, 30 * dayMs) },
  { weight: 1, arbitrary: fc.constantFrom(-5_000, -5_001, -365 * dayMs) },
);

const scan = fc.record({
  do: fc.constant("scan" as const),
  tag: fc.oneof({ weight: 30, arbitrary: tag }, { weight: 1, arbitrary: badTag }),
  type: fc.constantFrom(...scanTypes),
  contract: fc.option(contract, { nil: undefined, freq: 8 }),
  status: fc.option(fc.constantFrom(...serviceStatuses), { nil: undefined, freq: 8 }),
  place: maybe(place),
  quality: maybe(quality),
  condition: maybe(condition),
  technician: fc.option(fc.constant("Ines"), { nil: undefined, freq: 1 }),
  done: fc.option(fc.constantFrom([], ["washed", "dried"]), { nil: undefined, freq: 1 }),
  force: maybe(fc.boolean()),
  reason: maybe(fc.constantFrom("urgent", " ")),
  reader: fc.option(fc.constant("gate"), { nil: undefined, freq: 1 }),
  age,
});

const step = fc.oneof(
  { weight: 12, arbitrary: scan },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("create" as const),
      tag,
      status: maybe(fc.constantFrom(...itemStatuses)),
      place: maybe(place),
      quality: maybe(quality),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("patch" as const),
      tag,
      version: fc.constantFrom("right" as const, "right" as const, "stale" as const, "any" as const),
      patch: fc.record(
        {
          status: fc.constantFrom(...itemStatuses),
          place: fc.option(place, { nil: null }),
          quality: fc.option(quality, { nil: null }),
          notes: fc.constantFrom(null, "wobbles"),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("repeat" as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reuse" as const), which: fc.nat(), as: scan }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** One message to the site: some steps, and how long after the message before it, in ms. */
const message = fc.record({
  gapMs: fc.constantFrom(0, 1, 500, 5_000, 3_600_000),
  steps: fc.oneof(
    { weight: 4, arbitrary: fc.array(step, { minLength: 1, maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(step, { minLength: 2, maxLength: 6 }) },
  ),
});

/** A start from which every status is a step or two away. */
const opening: Step[] = [
  { do: "create", tag: "CHAIR-1", status: undefined, place: undefined, quality: undefined },
  { do: "create", tag: "__proto__", status: "provisioned", place: "dock", quality: "A" },
  { do: "create", tag: "30AB", status: "missing", place: undefined, quality: undefined },
];

/* ---- the same act, for the model and for operations ---- */

const present = <T extends object>(given: T) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

const scanAct = (id: string, given: Extract<Step, { do: "scan" }>, receivedAtMs: number): ModelAct => {
  const { do: _do, age: ageMs, reader, ...rest } = given;
  const scannedAt = new Date(receivedAtMs - ageMs).toISOString();
  const scanned = present({ id, scannedAt, ...rest }) as Extract<ModelAct, { kind: "scan" }>["scan"];
  return { kind: "scan", id, receivedAtMs, scan: scanned, ...(reader === undefined ? {} : { reader }) };
};

const actOf = (given: Step, model: SiteModel, done: readonly ModelAct[], receivedAtMs: number): ModelAct => {
  const id = newId();
  switch (given.do) {
    case "scan":
      return scanAct(id, given, receivedAtMs);
    case "create":
      return {
        kind: "create",
        id,
        receivedAtMs,
        body: { ...present({ ...given, do: undefined }), tag: given.tag },
      };
    case "patch": {
      const now = model.items.get(given.tag.trim().toUpperCase()) ?? model.items.get(given.tag);
      const right = now?.version ?? 1;
      const version = { right, stale: right - 1, any: null }[given.version];
      return {
        kind: "patch",
        id,
        receivedAtMs,
        body: { tag: given.tag, version, patch: present(given.patch) },
      };
    }
    case "repeat": {
      const before = done[given.which % Math.max(1, done.length)];
      return before === undefined ? scanAct(id, someTouch, receivedAtMs) : { ...before, receivedAtMs };
    }
    case "reuse": {
      const before = done[given.which % Math.max(1, done.length)];
      return scanAct(before?.id ?? id, given.as, receivedAtMs);
    }
  }
};
const someTouch = { do: "scan", tag: "CHAIR-1", type: "touch", age: 0 } as Extract<Step, { do: "scan" }>;

const toOperations = (act: ModelAct): Act => {
  const by =
    act.kind === "scan" && act.reader !== undefined
      ? { reader: act.reader }
      : { person: "model", device: "handheld" };
  const origin = { by, receivedAt: new Date(act.receivedAtMs).toISOString(), traceparent };
  if (act.kind === "scan") return { kind: "scan", id: act.id, origin, scan: act.scan } as Act;
  if (act.kind === "create")
    return { kind: "item.create", id: act.id, origin, body: { class: "chair", ...act.body } } as Act;
  return { kind: "item.patch", id: act.id, origin, body: act.body } as Act;
};

/* ---- what is compared ---- */

/** A receipt with the type of the event that it names, out of the log. */
const comparable = (receipt: Receipt, log: readonly LoggedEvent[]) => ({
  outcome: receipt.outcome,
  code: receipt.code,
  flags: (receipt.flags ?? []).toSorted(),
  event: receipt.event && log[receipt.event.pos - 1]?.type,
  item: receipt.item && { status: receipt.item.status, version: receipt.item.version },
  replayed: receipt.replayed,
});

const answered = (answer: Answer | Error | undefined, log: readonly LoggedEvent[]) => {
  if (answer === undefined) throw new Error("an act without an answer");
  if (answer instanceof Error) return { fault: (answer as { code?: string }).code };
  return comparable(answer.receipt, log);
};

const expected = (answer: ModelAnswer) =>
  "fault" in answer
    ? answer
    : {
        ...answer,
        code: answer.code,
        event: answer.event,
        item: answer.item,
        flags: answer.flags.toSorted(),
      };

const instant = (ms: number): string | null => (Number.isFinite(ms) ? new Date(ms).toISOString() : null);

const modelRow = (item: ModelItem) => ({
  status: item.status,
  contract: item.contract,
  place: item.place,
  quality: item.quality,
  notes: item.notes,
  version: item.version,
  lastFactAt: instant(item.factAtMs),
  placeAt: instant(item.placeAtMs),
  qualityAt: instant(item.qualityAtMs),
  lastService: item.work && {
    ...{ technician: item.work.who, done: item.work.did, from: item.work.from, scanId: item.work.scan },
    cleared: Object.fromEntries([...item.work.mended].map((flag) => [flag, expect.anything()])),
  },
  lastScan: item.seen && {
    ...{ id: item.seen.id, type: item.seen.type, place: item.seen.place, scannedAt: instant(item.seen.atMs) },
  },
});

const digestOf = (items: Awaited<ReturnType<typeof expectSound>>["items"]): string =>
  digestText(
    items
      .map((item) => [
        ...[
          item.tag,
          item.class,
          item.name,
          item.status,
          item.quality,
          item.place,
          item.contract,
          item.notes,
        ],
        ...[item.version, item.lastFactAt === null ? null : Date.parse(item.lastFactAt) * 1_000],
        ...[item.role ?? null, item.replaces ?? null, item.replacedBy ?? null],
      ])
      .reduce((sum, row) => addRow(sum, rowLanes(canonicalRow(row))), emptyDigest),
  );

const eventAt = (log: readonly LoggedEvent[], pos: number | undefined) => {
  if (pos === undefined) return {};
  const event = log[pos - 1];
  return { event: event?.type, scanId: event?.scanId };
};

/** At the end of a story: rows, log, receipts and digests all tell what the model tells. */
const expectEnd = async (
  { operations: { sql }, member }: Lane,
  site: string,
  { model, done }: { readonly model: SiteModel; readonly done: readonly ModelAct[] },
) => {
  const { log, items } = await expectSound(sql, site);
  expect(items.map((item) => item.tag).toSorted()).toEqual([...model.items.keys()].toSorted());
  for (const item of items) {
    const told = model.items.get(item.tag) as ModelItem;
    expect(item).toMatchObject(modelRow(told));
    // Nothing is told as mended that was never found.
    expect(Object.keys(item.lastService?.cleared ?? {}).toSorted()).toEqual(
      [...(told.work?.mended ?? [])].toSorted(),
    );
  }
  expect(member.said.get(site)).toEqual(log);
  expect(await digestItems(sql, site)).toEqual({ epoch: 1, pos: log.length, digest: digestOf(items) });

  const waiting = await sql<{ id: string; decides: string }[]>`
    select scan_id::text as id, heard #>> '{scan,id}' as decides from quarantine
    where site = ${site} and released_at is null order by 1`;
  expect([...waiting]).toEqual(
    [...model.waiting.values()]
      .flat()
      .map(({ id, act }) => ({ id, decides: act.id }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  );

  const kept = done.filter((act) => model.answered(act));
  const replayed = await tellActs(member, site, kept.map(toOperations));
  for (const [index, act] of kept.entries()) {
    const answer = replayed[index];
    if (answer === undefined || answer instanceof Error)
      throw new Error("a kept receipt was not given again");
    expect(comparable(answer.receipt, log)).toEqual(expected(model.act(act)));
    if (act.kind === "scan" && answer.receipt.event !== undefined)
      expect(log[answer.receipt.event.pos - 1]?.scanId).toBe(act.id);
    const later = model.later.get(act.id);
    const told = answer.receipt.later;
    expect(told && { outcome: told.outcome, code: told.code, ...eventAt(log, told.event?.pos) }).toEqual(
      later && {
        outcome: later.outcome,
        code: later.code,
        ...(later.event === undefined ? {} : { event: later.event, scanId: later.scanId }),
      },
    );
  }
  expect((await expectSound(sql, site)).log).toEqual(log);
};

let story = 0;
const met = new Set<string>();
const tell = async (lane: Lane, messages: readonly { gapMs: number; steps: readonly Step[] }[]) => {
  const { member } = lane;
  story += 1;
  const site = `story-${story}`;
  await beginSite(member, site);
  const model = new SiteModel();
  const done: ModelAct[] = [];
  let nowMs = Date.now();
  for (const { gapMs, steps } of [{ gapMs: 0, steps: opening }, ...messages]) {
    nowMs += gapMs;
    member.clock.nowMs = nowMs;
    const acts: ModelAct[] = [];
    const expectations: ModelAnswer[] = [];
    for (const one of steps) {
      const act = actOf(one, model, done, nowMs);
      acts.push(act);
      if (one.do !== "repeat") done.push(act);
      expectations.push(model.act(act));
    }
    const answers = await tellActs(member, site, acts.map(toOperations));
    const log = member.said.get(site) ?? [];
    expect(answers.map((answer) => answered(answer, log))).toEqual(expectations.map(expected));
  }
  await expectEnd(lane, site, { model, done });
  for (const cell of model.met) met.add(cell);
};

describe("operations does what the public table says", () => {
  test.concurrent.each(portions)(
    `in ${storiesOfPortion} random stories, portion %i of ${portions.length}`,
    async (portion) => {
      const lane = lanes[portion % laneCount] as Lane;
      const stories = fc.array(message, { minLength: 5, maxLength: messagesMax, size: "max" });
      const property = fc.asyncProperty(stories, (messages) => tell(lane, messages));
      await inTurn(lane, () => fc.assert(property, { numRuns: storiesOfPortion }));
    },
  );

  test("and by every cell of the table some scan of these stories was decided", () => {
    expect(story).toBeGreaterThanOrEqual(portions.length * storiesOfPortion);
    const cells = itemStatuses.flatMap((status) => scanTypes.map((type) => `${status} ${type}`));
    expect(cells.filter((cell) => !met.has(cell))).toEqual([]);
  });
});
