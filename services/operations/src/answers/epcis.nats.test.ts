import { ask, type Bus, openBus } from "@tagwire/bus";
import { encodeEpc } from "@tagwire/epc";
import {
  AskEpcisEvent,
  AskEpcisEvents,
  AskEpcTags,
  type EpcisEvent,
  type EpcisFilter,
  newId,
} from "@tagwire/messages";
import { epcisOffences, quietLog, testDatabase, testNats } from "@tagwire/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAct, patchAct, scanAct } from "../actors/test-acts.ts";
import { beginSite, type Member, type TestOperations, tellActs, testOperations } from "../test-operations.ts";
import { answerEpcis } from "./epcis.ts";

const site = "north";
const stack = new AsyncDisposableStack();
let bus: Bus;
let operations: TestOperations;
let member: Member;

const sgtin = "urn:epc:id:sgtin:0614141.812345.6789";
const sgtinTag = encodeEpc("urn:epc:tag:sgtin-96:3.0614141.812345.6789");

beforeAll(async () => {
  const nats = stack.use(await testNats());
  operations = stack.use(await testOperations(await testDatabase()));
  bus = await openBus({ url: nats.url, name: "asker", log: quietLog() });
  stack.defer(bus.close);
  for (const answering of answerEpcis(bus, operations.sql)) stack.defer(answering.stop);
  await bus.connection.flush();
  member = await operations.member();
  await beginSite(member, site);
});
afterAll(() => stack.disposeAsync());

type Order = { order?: "eventTime" | "recordTime"; descending?: boolean };
const page = (filter: EpcisFilter, limit: number, after: string | null, order: Order = {}, of = site) =>
  ask(bus, AskEpcisEvents, {
    site: of,
    filter,
    order: "recordTime",
    descending: false,
    ...order,
    limit,
    after,
  });

const every = async (
  filter: EpcisFilter,
  order: Order = {},
  limit = 500,
  of = site,
): Promise<EpcisEvent[]> => {
  const events: EpcisEvent[] = [];
  let after: string | null = null;
  do {
    const answer: Awaited<ReturnType<typeof page>> = await page(filter, limit, after, order, of);
    expect(answer.events.length).toBeLessThanOrEqual(limit);
    events.push(...answer.events);
    after = answer.next;
  } while (after !== null);
  return events;
};

const positions = (events: readonly EpcisEvent[]) =>
  events.map((event) => Number(event["tagwire:position"].slice(2)));
const ascending = (numbers: readonly number[]) => numbers.toSorted((one, other) => one - other);

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

describe("a log of some size", () => {
  beforeAll(async () => {
    await tellActs(member, site, [
      createAct("CHAIR", { place: "rack" }),
      createAct(sgtinTag),
      createAct("TENT"),
    ]);
    await tellActs(
      member,
      site,
      Array.from({ length: 40 }, (_, index) =>
        // Later ones were made earlier: the order of happening is not that of recording.
        scanAct("TENT", { type: "touch", place: `gate ${index % 2}`, scannedAt: minutesAgo(10 + index) }),
      ),
    );
    await tellActs(member, site, [
      scanAct("CHAIR", { type: "rental", contract: "R 1", place: "dock", scannedAt: minutesAgo(5) }),
      scanAct(sgtinTag, { type: "rental", contract: "R-2", place: "dock", scannedAt: minutesAgo(4) }),
      scanAct("CHAIR", { type: "return", place: "hall", scannedAt: minutesAgo(3) }),
      scanAct(sgtinTag, { type: "count", place: "hall", scannedAt: minutesAgo(2) }),
    ]);
    await tellActs(member, site, [patchAct("CHAIR", { status: "repair" })]);
  });

  test("comes whole and once in pages of any size, in both orders and both directions", async () => {
    const all = await every({});
    expect(all).toHaveLength(48);
    expect(epcisOffences({ "@context": [{ tagwire: "" }], epcisBody: { eventList: all } })).toEqual([]);
    expect(positions(all)).toEqual(ascending(positions(all)));
    expect(await every({}, {}, 7)).toEqual(all);
    expect(await every({}, { descending: true }, 7)).toEqual(all.toReversed());

    const happened = await every({}, { order: "eventTime" }, 5);
    const times = happened.map(({ eventTime }) => Date.parse(eventTime));
    expect(times).toEqual(ascending(times));
    expect(ascending(positions(happened))).toEqual(positions(all));
    expect(await every({}, { order: "eventTime", descending: true }, 9)).toEqual(happened.toReversed());
  });

  test.each<[string, EpcisFilter, number]>([
    ["a type", { eventTypes: ["TransactionEvent"] }, 3],
    ["types", { eventTypes: ["TransactionEvent", "AggregationEvent"] }, 3],
    ["a type that nothing is", { eventTypes: ["AssociationEvent"] }, 0],
    ["an action", { actions: ["DELETE"] }, 1],
    ["a step", { bizSteps: ["departing"] }, 2],
    ["a disposition", { dispositions: ["damaged"] }, 1],
    [
      "a step and a disposition that never come together",
      { bizSteps: ["departing"], dispositions: ["damaged"] },
      0,
    ],
    ["a read point", { readPoints: [`urn:tagwire:${site}:place:gate%201`] }, 20],
    ["a read point of another site", { readPoints: ["urn:tagwire:south:place:gate%201"] }, 0],
    ["a business location", { bizLocations: [`urn:tagwire:${site}:place:rack`] }, 3],
    ["an EPC", { epcs: [sgtin] }, 3],
    ["our own name of a tag", { epcs: [`urn:tagwire:${site}:tag:CHAIR`] }, 4],
    ["two EPCs", { epcs: [sgtin, `urn:tagwire:${site}:tag:CHAIR`] }, 7],
    ["an EPC of nobody", { epcs: ["urn:epc:id:sgtin:0614141.812345.1"] }, 0],
    [
      "a contract",
      {
        transactions: [{ type: "urn:tagwire:btt:contract", values: [`urn:tagwire:${site}:contract:R%201`] }],
      },
      2,
    ],
    ["a transaction of another type", { transactions: [{ type: "po", values: ["urn:x:y"] }] }, 0],
    ["no declaration", { isDeclaredWrong: true }, 0],
    [
      "everything together",
      { eventTypes: ["TransactionEvent"], actions: ["ADD"], epcs: [sgtin], bizSteps: ["departing"] },
      1,
    ],
  ])("is filtered by %s", async (_, filter, count) => {
    expect(await every(filter)).toHaveLength(count);
    expect(await every(filter, { order: "eventTime", descending: true }, 3)).toHaveLength(count);
  });

  test("is cut by when things happened and when they were recorded, the first instant included and the last not", async () => {
    const all = await every({}, { order: "eventTime" });
    const middle = all[20];
    const at = middle?.eventTime ?? "";
    const before = await every({ beforeEventTime: at });
    const from = await every({ fromEventTime: at });
    expect(before).toHaveLength(20);
    expect(from).toHaveLength(all.length - 20);
    expect(from.map(({ eventID }) => eventID)).toContain(middle?.eventID);

    const recorded = (await every({})).at(-1)?.recordTime ?? "";
    const last = await every({ fromRecordTime: recorded });
    expect(last.length + (await every({ beforeRecordTime: recorded })).length).toBe(all.length);
    expect(last.every(({ recordTime }) => recordTime === recorded)).toBe(true);
  });

  test("is found by the ids that were given, one by one and several at once", async () => {
    const all = await every({});
    for (const event of [all[0], all.at(-1)])
      expect(await ask(bus, AskEpcisEvent, { site, eventId: event?.eventID ?? "" })).toEqual({ event });
    const eventIds = [5, 3, 9].map((index) => all[index]?.eventID ?? "");
    expect(await every({ eventIds }, {}, 2)).toEqual([all[3], all[5], all[9]]);
    expect(await every({ eventIds, actions: ["DELETE"] })).toEqual([]);
    for (const eventId of ["", `urn:uuid:${newId()}`, `ni:///sha-256;${"0".repeat(64)}?ver=CBV2.0`])
      expect(await ask(bus, AskEpcisEvent, { site, eventId })).toEqual({ event: null });
  });

  test("an id keeps leading to its event when its words change later", async () => {
    const digest = "ab".repeat(32);
    await operations.sql`insert into epcis_id values (${site}, decode(${digest}, 'hex'), 1, 2)`;
    const { event } = await ask(bus, AskEpcisEvent, { site, eventId: `ni:///sha-256;${digest}?ver=CBV2.0` });
    expect(event?.["tagwire:position"]).toBe("1:2");
    const again = await ask(bus, AskEpcisEvent, { site, eventId: event?.eventID ?? "" });
    expect(again.event).toEqual(event);
  });
});

test("what was taken back is told so, and no longer when that was taken back itself", async () => {
  const other = "south";
  await beginSite(member, other);
  await tellActs(member, other, [createAct("CHAIR"), patchAct("CHAIR", { status: "wash" })]);
  const { sql } = operations;
  /** As the log holds it once somebody takes an event back. */
  const undo = (pos: number, undoes: number) => sql`
    insert into event
    select site, epoch, ${pos}, ${newId()}, 'item.undone.v1', tag, contract, session, null, null, received_at,
      recorded_at + interval '1 second', by, traceparent, data || jsonb_build_object('undoes', ${undoes}::int), prev_hash, hash
    from event where site = ${other} and pos = 3`;
  await undo(4, 3);
  const [, wrong, correction] = await every({}, {}, 500, other);
  expect(wrong?.errorDeclaration).toEqual({
    declarationTime: correction?.recordTime,
    reason: "did_not_occur",
    correctiveEventIDs: [correction?.eventID],
  });
  expect(await every({ isDeclaredWrong: true }, {}, 500, other)).toEqual([wrong]);
  const eventId = wrong?.errorDeclaration?.correctiveEventIDs?.[0] ?? "";
  expect(await ask(bus, AskEpcisEvent, { site: other, eventId })).toEqual({ event: correction });

  await undo(5, 4);
  const [, right, withdrawn] = await every({}, {}, 500, other);
  expect(right).not.toHaveProperty("errorDeclaration");
  expect(right?.eventID).toBe(wrong?.eventID);
  expect(withdrawn?.errorDeclaration?.reason).toBe("did_not_occur");
});

test("an answer looks at a bounded part of the log and says where to go on, also with nothing found", async () => {
  const many = "many";
  await beginSite(member, many);
  await tellActs(member, many, [createAct("CHAIR")]);
  await operations.sql`
    insert into event
    select site, epoch, pos + step, gen_random_uuid(), 'item.sighted.v1', tag, contract, session, null, scanned_at, received_at,
      recorded_at, by, traceparent, '{"set":{},"was":{"status":"ready","contract":null,"place":null},"flags":[],"outcome":"accepted","scan":{"type":"rental"}}',
      prev_hash, hash
    from event, generate_series(1, 13000) as given (step) where site = ${many} and pos = 2`;
  const first = await page({ bizSteps: ["cycle_counting"] }, 10, null, {}, many);
  expect(first.events).toEqual([]);
  expect(first.next).not.toBeNull();
  expect(await every({ bizSteps: ["cycle_counting"] }, {}, 10, many)).toEqual([]);
  const full = await page({}, 500, null, {}, many);
  expect(full.events).toHaveLength(500);
});

test.each([["nowhere"], ["1:2"], ["x:1:2"]])("%j is no place to go on from", async (after) => {
  await expect(page({}, 1, after)).rejects.toMatchObject({ code: "malformed" });
});

test("a site that is not there has no events", async () => {
  await expect(page({}, 1, null, {}, "nowhere")).rejects.toMatchObject({ code: "site_unknown" });
  await expect(ask(bus, AskEpcisEvent, { site: "nowhere", eventId: "x" })).rejects.toMatchObject({
    code: "site_unknown",
  });
});

test("the tag of an identity is the one an item carries; of two carriers neither is meant", async () => {
  const twice = "urn:epc:id:giai:0614141.5678";
  await tellActs(member, site, [
    createAct(encodeEpc("urn:epc:tag:giai-96:0.0614141.5678")),
    createAct(encodeEpc("urn:epc:tag:giai-96:3.0614141.5678")),
  ]);
  const epcs = [sgtin, twice, "urn:epc:id:gid:1.2.3", "urn:nothing"];
  expect(await ask(bus, AskEpcTags, { site, epcs })).toEqual({ tags: { [sgtin]: sgtinTag } });
});
