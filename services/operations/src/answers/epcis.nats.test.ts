import { ask, type Bus, openBus } from "@tagwire/bus";
import { encodeEpc, encodeLink } from "@tagwire/epc";
import {
  AskEpcisEvent,
  AskEpcisEvents,
  AskEpcisValues,
  AskEpcTags,
  type EpcisEvent,
  type EpcisFilter,
  type EpcisResource,
  epcisResources,
  newId,
} from "@tagwire/messages";
import { epcisOffences, quietLog, testDatabase, testNats } from "@tagwire/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Act } from "../actors/act.ts";
import { createAct, originOf, patchAct, scanAct } from "../actors/test-acts.ts";
import { nameThings } from "../store/thing-names.ts";
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

/** The test knows whether there is an answer, and not how fast the machine is. */
const patience = { timeoutMs: 60_000 };

type Order = { order?: "eventTime" | "recordTime"; descending?: boolean };
const page = (filter: EpcisFilter, limit: number, after: string | null, order: Order = {}, of = site) =>
  ask(
    bus,
    AskEpcisEvents,
    {
      site: of,
      filter,
      order: "recordTime",
      descending: false,
      ...order,
      limit,
      after,
    },
    patience,
  );

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
    ["an EPC by a pattern", { epcs: ["urn:epc:idpat:sgtin:0614141.*.*"] }, 3],
    ["an EPC by its Digital Link", { anyEpcs: ["https://id.gs1.org/01/80614141123458/21/6789"] }, 3],
    ["an EPC twice over", { epcs: [sgtin, "urn:x:y"], anyEpcs: ["urn:epc:idpat:sgtin:*.812345.*"] }, 3],
    ["EPCs that no event has together", { epcs: [sgtin], anyEpcs: [`urn:tagwire:${site}:tag:CHAIR`] }, 0],
    ["a place and what is within another", { readPoints: ["urn:x:y"], readPointsWithin: ["urn:x:y"] }, 0],
    ["what is within a place", { bizLocationsWithin: [`urn:tagwire:${site}:place:rack`] }, 3],
    ["a member of ours", { extensions: [{ name: "tagwire:status", values: ["repair", "x"] }] }, 1],
    ["a kind of the log", { extensions: [{ name: "tagwire:event", values: ["item.rented.v1"] }] }, 2],
    ["a quantity", { quantity: { from: 0 } }, 0],
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
    await operations.sql`insert into epcis_id (site, digest, epoch, pos) values (${site}, decode(${digest}, 'hex'), 1, 2)`;
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

test("a thing whose creation was taken back was never commissioned: its declaration names what ended it", async () => {
  const other = "west";
  await beginSite(member, other);
  const undo: Act = {
    ...{ kind: "events.undo", id: newId(), origin: originOf({}) },
    body: { events: [2], preview: false },
  };
  await tellActs(member, other, [createAct("TYPO")]);
  await tellActs(member, other, [undo]);
  const [created, ended, ...others] = await every({}, {}, 500, other);
  expect(others).toEqual([]);
  expect(created).toMatchObject({
    ...{ action: "ADD", bizStep: "commissioning", epcList: ended?.epcList },
    errorDeclaration: {
      declarationTime: ended?.recordTime,
      reason: "did_not_occur",
      correctiveEventIDs: [ended?.eventID],
    },
  });
  expect(ended).toMatchObject({ action: "DELETE", "tagwire:event": "item.undone.v1" });
  expect(await every({ isDeclaredWrong: true }, {}, 500, other)).toEqual([created]);
});

describe("a merge, and counts by hand", () => {
  const merging = "merging";
  const contract = (number: string): EpcisFilter => ({
    transactions: [
      { type: "urn:tagwire:btt:contract", values: [`urn:tagwire:${merging}:contract:${number}`] },
    ],
  });
  const command = (kind: "contract.merge" | "lot.record" | "events.undo", body: object) =>
    tellActs(member, merging, [{ kind, id: newId(), origin: originOf({}), body } as Act]);
  const counted = (number: string, quantity: number, action: "added" | "removed") =>
    command("lot.record", { number, lot: { id: newId(), name: "napkins", quantity, action } });
  const told = (events: readonly EpcisEvent[]) => events.map(({ action, bizStep }) => `${action} ${bizStep}`);
  const ofAll = (filter: EpcisFilter, order: Order = {}, limit = 500) => every(filter, order, limit, merging);

  beforeAll(async () => {
    await beginSite(member, merging);
    await tellActs(member, merging, [
      createAct("CHAIR"),
      createAct("TENT"),
      scanAct("CHAIR", { type: "rental", contract: "M-1" }),
      scanAct("TENT", { type: "stage", contract: "M-1" }),
    ]);
    await counted("M-1", 40, "added");
    await counted("M-1", 15, "removed");
    await command("contract.merge", { number: "M-1", into: "4711" });
  });

  test("frees things and lots from the manual contract and links them to the real one", async () => {
    const pairs = [
      "DELETE stock_taking",
      "ADD stock_taking",
      "DELETE void_shipping",
      "ADD departing",
      "DELETE staging_outbound",
      "ADD staging_outbound",
    ];
    const all = await ofAll({});
    expect(told(all.slice(-6))).toEqual(pairs);
    expect(new Set(all.map(({ eventID }) => eventID)).size).toBe(all.length);
    expect(epcisOffences({ "@context": [{ tagwire: "" }], epcisBody: { eventList: all } })).toEqual([]);
    expect(told(await ofAll(contract("4711")))).toEqual(pairs.filter((one) => one.startsWith("ADD")));
    expect(told(await ofAll(contract("M-1"))).slice(-3)).toEqual(
      pairs.filter((one) => one.startsWith("DELETE")),
    );
    const ofChair = { epcs: [`urn:tagwire:${merging}:tag:CHAIR`], eventTypes: ["TransactionEvent"] };
    expect(told(await ofAll(ofChair))).toEqual(["ADD departing", "DELETE void_shipping", "ADD departing"]);
  });

  test.each([1, 2, 3, 4])(
    "is cut by pages of %i between its two sides, and nothing is lost or told twice",
    async (limit) => {
      for (const order of ["recordTime", "eventTime"] as const) {
        const all = await ofAll({}, { order });
        expect(await ofAll({}, { order }, limit)).toEqual(all);
        expect(await ofAll({}, { order, descending: true }, limit)).toEqual(all.toReversed());
      }
      const eventIds = (await ofAll({})).map(({ eventID }) => eventID);
      expect((await ofAll({ eventIds }, {}, limit)).map(({ eventID }) => eventID)).toEqual(eventIds);
      const added = await ofAll({ actions: ["ADD"] });
      expect(await ofAll({ actions: ["ADD"] }, {}, limit)).toEqual(added);
    },
  );

  test("each side is found by its own id, and the one that was linked by an id from before there were two", async () => {
    const [freed, taken] = (await ofAll({})).slice(-4, -2);
    for (const event of [freed, taken])
      expect(await ask(bus, AskEpcisEvent, { site: merging, eventId: event?.eventID ?? "" })).toEqual({
        event,
      });
    const [epoch, pos] = (taken?.["tagwire:position"] ?? "").split(":").map(Number);
    const given = async (hex: string, part: number | null) => {
      const digest = hex.repeat(32);
      await operations.sql`
        insert into epcis_id (site, digest, epoch, pos, part)
        values (${merging}, decode(${digest}, 'hex'), ${epoch ?? 0}, ${pos ?? 0}, ${part})`;
      return ask(bus, AskEpcisEvent, { site: merging, eventId: `ni:///sha-256;${digest}?ver=CBV2.0` });
    };
    expect(await given("a0", null)).toEqual({ event: taken });
    expect(await given("a1", 0)).toEqual({ event: freed });
    expect(await given("a2", 1)).toEqual({ event: taken });
  });

  test.each<[string, EpcisFilter, number]>([
    ["a class", { epcClasses: [`urn:tagwire:${merging}:lot:napkins`] }, 4],
    ["any class", { anyEpcClasses: [`urn:tagwire:${merging}:lot:napkins`, "urn:x:y"] }, 4],
    ["a class of nobody", { epcClasses: ["urn:x:y"] }, 0],
    ["a class and an EPC, which nothing has together", { epcClasses: ["urn:x:y"], epcs: ["urn:x:y"] }, 0],
    ["a quantity", { quantity: { equal: [15, 1] } }, 1],
    ["a quantity beyond", { quantity: { over: 25 } }, 1],
    ["a quantity from", { quantity: { from: 25 } }, 3],
    ["a quantity below", { quantity: { under: 25 } }, 1],
    ["a quantity up to", { quantity: { upTo: 25 } }, 3],
    ["a quantity between", { quantity: { over: 15, under: 40 } }, 2],
    ["a member of ours", { extensions: [{ name: "tagwire:lot", values: ["removed"] }] }, 1],
    ["a member of ours that is there", { extensions: [{ name: "tagwire:mergedInto" }] }, 3],
    ["a member that is not there", { extensions: [{ name: "toString" }] }, 0],
    ["an EPC by a pattern", { epcs: ["urn:epc:idpat:sgtin:*.*.*"] }, 0],
  ])("are filtered by %s", async (_, filter, count) => {
    expect(await ofAll(filter)).toHaveLength(count);
  });

  test("what was taken back is found by when, why and by what, and every correction is there", async () => {
    const before = "2020-01-01T00:00:00.000Z";
    const [, lot] = (await ofAll({ epcClasses: [`urn:tagwire:${merging}:lot:towels`] })).slice(-2);
    expect(lot).toBeUndefined();
    await command("lot.record", {
      number: "4711",
      lot: { id: newId(), name: "towels", quantity: 6, action: "added" },
    });
    const [towels] = await ofAll({ epcClasses: [`urn:tagwire:${merging}:lot:towels`] });
    const pos = Number(towels?.["tagwire:position"].split(":")[1]);
    await command("events.undo", { events: [pos], preview: false });
    await tellActs(member, merging, [patchAct("TENT", { notes: "x" })]);

    const wrong = await ofAll({ isDeclaredWrong: true });
    expect(wrong.map(({ eventID }) => eventID)).toEqual([towels?.eventID]);
    const declaration = wrong[0]?.errorDeclaration;
    expect(declaration).toMatchObject({ reason: "did_not_occur" });
    const [correctiveId = ""] = declaration?.correctiveEventIDs ?? [];
    const { event: correction } = await ask(bus, AskEpcisEvent, { site: merging, eventId: correctiveId });
    expect(correction).toMatchObject({ eventID: correctiveId, action: "OBSERVE" });

    const at = declaration?.declarationTime ?? "";
    for (const filter of [
      { fromDeclarationTime: before },
      { fromDeclarationTime: at },
      { errorReasons: ["did_not_occur"] },
      { correctiveEventIds: [correctiveId, "urn:x:y"] },
      { isDeclaredWrong: true, epcClasses: [`urn:tagwire:${merging}:lot:towels`] },
    ])
      expect(await ofAll(filter)).toEqual(wrong);
    for (const filter of [
      { beforeDeclarationTime: at },
      { fromDeclarationTime: new Date(Date.parse(at) + 1).toISOString() },
      { errorReasons: ["incorrect_data"] },
      { correctiveEventIds: ["urn:x:y"] },
      { isDeclaredWrong: true, epcClasses: ["urn:x:y"] },
    ])
      expect(await ofAll(filter)).toEqual([]);
  });
});

test("what a person took back is told so, whatever it was, and its corrections lead to events", async () => {
  const undone = "undone";
  await beginSite(member, undone);
  await tellActs(member, undone, [
    createAct("CHAIR", { place: "rack" }),
    scanAct("CHAIR", { type: "rental", contract: "R-1" }),
    scanAct("CHAIR", { type: "return", condition: { dirty: true } }),
  ]);
  const undo = (pos: number) =>
    tellActs(member, undone, [
      { kind: "events.undo", id: newId(), origin: originOf({}), body: { events: [pos], preview: false } },
    ]);
  await undo(4);
  await undo(3);
  const all = await every({}, {}, 500, undone);
  const wrong = all.filter(({ errorDeclaration }) => errorDeclaration !== undefined);
  expect(wrong.map(({ action, bizStep }) => `${action} ${bizStep}`)).toEqual([
    "ADD departing",
    "DELETE receiving",
  ]);
  for (const { errorDeclaration } of wrong)
    for (const eventId of errorDeclaration?.correctiveEventIDs ?? [""]) {
      const { event } = await ask(bus, AskEpcisEvent, { site: undone, eventId });
      expect(all).toContainEqual(event);
    }
  // Undoing the undo makes the first one hold again.
  await undo(6);
  const after = await every({ isDeclaredWrong: true }, {}, 500, undone);
  expect(after.map(({ eventID }) => eventID)).not.toContain(wrong[0]?.eventID);
});

test("a thing that goes from contract to contract is on one at a time", async () => {
  const moving = "moving";
  await beginSite(member, moving);
  await tellActs(member, moving, [
    createAct("CHAIR"),
    createAct("TENT"),
    scanAct("CHAIR", { type: "rental", contract: "A" }),
    scanAct("CHAIR", { type: "rental", contract: "B" }),
    scanAct("CHAIR", { type: "pickup" }),
    scanAct("CHAIR", { type: "rental", contract: "C" }),
    scanAct("CHAIR", { type: "service", status: "wash" }),
    scanAct("TENT", { type: "rental", contract: "A" }),
  ]);
  const links = async (filter: EpcisFilter) =>
    (await every({ ...filter, eventTypes: ["TransactionEvent"] }, {}, 1, moving)).map(
      ({ action, epcList, bizTransactionList }) =>
        [action, epcList?.[0], bizTransactionList?.[0]?.bizTransaction]
          .map((text) => text?.split(":").at(-1))
          .join(" "),
    );
  const of = (number: string): EpcisFilter => ({
    transactions: [
      { type: "urn:tagwire:btt:contract", values: [`urn:tagwire:${moving}:contract:${number}`] },
    ],
  });
  expect(await links({})).toEqual([
    ...["ADD CHAIR A", "DELETE CHAIR A", "ADD CHAIR B", "DELETE CHAIR B"],
    ...["ADD CHAIR C", "DELETE CHAIR C", "ADD TENT A"],
  ]);
  expect(await links(of("A"))).toEqual(["ADD CHAIR A", "DELETE CHAIR A", "ADD TENT A"]);
  expect(await links(of("B"))).toEqual(["ADD CHAIR B", "DELETE CHAIR B"]);
  expect(await links(of("C"))).toEqual(["ADD CHAIR C", "DELETE CHAIR C"]);
  const chair = { epcs: [`urn:tagwire:${moving}:tag:CHAIR`] };
  expect(await links({ ...of("C"), ...chair })).toEqual(["ADD CHAIR C", "DELETE CHAIR C"]);
});

test("a merge that was taken back did not occur on either side, and its corrections lead to events", async () => {
  const back = "unmerged";
  await beginSite(member, back);
  const command = (kind: "contract.merge" | "lot.record" | "events.undo", body: object) =>
    tellActs(member, back, [{ kind, id: newId(), origin: originOf({}), body } as Act]);
  await tellActs(member, back, [createAct("CHAIR"), scanAct("CHAIR", { type: "rental", contract: "M-1" })]);
  await command("lot.record", {
    number: "M-1",
    lot: { id: newId(), name: "napkins", quantity: 40, action: "added" },
  });
  await command("contract.merge", { number: "M-1", into: "4711" });
  const merged = await every({ extensions: [{ name: "tagwire:mergedInto" }] }, {}, 500, back);
  const position = merged.find((event) => event["tagwire:event"] === "contract.merged.v1")?.[
    "tagwire:position"
  ];
  const pos = Number(position?.split(":")[1]);
  const [undone] = await command("events.undo", { events: [pos], preview: false });
  expect(undone).toMatchObject({ receipt: { outcome: "accepted" } });

  const all = await every({}, {}, 500, back);
  const wrong = all.filter(({ errorDeclaration }) => errorDeclaration !== undefined);
  expect(wrong.map(({ action, bizStep }) => `${action} ${bizStep}`)).toEqual([
    "DELETE stock_taking",
    "ADD stock_taking",
    "DELETE void_shipping",
    "ADD departing",
  ]);
  expect(await every({ isDeclaredWrong: true }, { order: "eventTime" }, 1, back)).toEqual(wrong);
  for (const { errorDeclaration } of wrong) {
    expect(errorDeclaration?.correctiveEventIDs).toHaveLength(1);
    for (const eventId of errorDeclaration?.correctiveEventIDs ?? []) {
      const { event } = await ask(bus, AskEpcisEvent, { site: back, eventId });
      expect(event).toMatchObject({ eventID: eventId, action: "OBSERVE" });
      expect(all).toContainEqual(event);
    }
  }
  expect(epcisOffences({ "@context": [{ tagwire: "" }], epcisBody: { eventList: all } })).toEqual([]);
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
    createAct("from before names were kept"),
  ]);
  const twin = encodeEpc("urn:epc:tag:giai-96:3.0614141.5678");
  await operations.sql`update item set tag = ${twin} where site = ${site} and tag = 'from before names were kept'`;
  await operations.sql`insert into thing_unnamed (site, tag) values (${site}, ${twin})`;
  await nameThings(operations.sql);
  const epcs = [sgtin, twice, "urn:epc:id:gid:1.2.3", "urn:nothing"];
  expect(await ask(bus, AskEpcTags, { site, epcs })).toEqual({ tags: { [sgtin]: sgtinTag } });
});

test("a thing is found by any name of it, whichever sort of tag it carries", async () => {
  const link = "https://id.gs1.org/8004/0614141A-7";
  const pure = "urn:epc:id:giai:0614141.A-7";
  const tag = encodeLink(link, { scheme: "giai+", filter: 3 });
  await tellActs(member, site, [createAct(tag)]);
  const sgtinLink = "https://id.gs1.org/01/80614141123458/21/6789";
  expect(await ask(bus, AskEpcTags, { site, epcs: [link, pure, sgtin, sgtinLink] })).toEqual({
    tags: { [link]: tag, [pure]: tag, [sgtin]: sgtinTag, [sgtinLink]: sgtinTag },
  });
  const byEach = await Promise.all(
    [link, pure, "urn:epc:idpat:giai:0614141.*"].map((epc) => every({ epcs: [epc], actions: ["ADD"] })),
  );
  for (const events of byEach) expect(events.flatMap(({ epcList = [] }) => epcList)).toContain(link);
});

test("a thing whose code is printed on a label is called by what GS1 calls it, and found by it", async () => {
  const [number, serial] = ["80614141123458", "4711"];
  const printed = `https://tents.example/id/01/${number}/21/${serial}?17=301231`;
  const uri = "urn:epc:tag:giai-96:0.0614141.4711";
  await tellActs(member, site, [createAct(printed), createAct(uri), createAct("https://tents.example/4711")]);
  const link = `https://id.gs1.org/01/${number}/21/${serial}`;
  const named = async (epc: string) =>
    new Set((await every({ anyEpcs: [epc] })).flatMap(({ epcList = [] }) => epcList));
  for (const name of [link, printed, `urn:epc:id:sgtin:0614141.812345.${serial}`])
    expect(await named(name), name).toEqual(new Set([link]));
  expect(await named("urn:epc:id:giai:0614141.4711")).toEqual(new Set(["urn:epc:id:giai:0614141.4711"]));
  const own = "urn:tagwire:north:tag:https%3A%2F%2Ftents.example%2F4711";
  expect(await named(own)).toEqual(new Set([own]));
  const { values } = await everyValue(site, "epcs", 500);
  expect(values).toEqual(expect.arrayContaining([link, "urn:epc:id:giai:0614141.4711", own]));
});

/** All values of a resource, and how many pages they came in. */
const everyValue = async (of: string, resource: EpcisResource, limit: number) => {
  const values: string[] = [];
  let after: string | null = null;
  let pages = 0;
  do {
    const answer: { values: string[]; next: string | null } = await ask(bus, AskEpcisValues, {
      ...{ site: of, resource, limit, after },
    });
    expect(answer.values.length).toBeLessThanOrEqual(limit);
    values.push(...answer.values);
    after = answer.next;
    pages += 1;
  } while (after !== null);
  return { values, pages };
};

test("the values of every resource are those that the events of the site have, page by page, and no others of its EPCs and places", async () => {
  const of = "values";
  await beginSite(member, of);
  const place = (name: string) => `urn:tagwire:${of}:place:${name}`;
  // One of its own: what another site has is on no thing here.
  const tag = encodeEpc("urn:epc:tag:sgtin-96:3.0614141.812345.6790");
  await tellActs(member, of, [
    createAct("A", { place: "shelf" }),
    createAct(tag, {}),
    scanAct("A", { type: "rental", contract: "R-1", place: "dock out" }),
    scanAct("A", { type: "return", place: "dock in" }),
    scanAct("never seen", { place: "gate" }),
    patchAct(tag, { place: "rack" }),
  ]);
  const told = await every({}, {}, 500, of);
  const inEvents = (value: (event: EpcisEvent) => readonly (string | undefined)[]): string[] =>
    [...new Set(told.flatMap(value))].filter((one) => one !== undefined).sort();
  const valuesIn: Record<EpcisResource, string[]> = {
    eventTypes: inEvents(({ type }) => [type]),
    epcs: inEvents(({ epcList = [] }) => epcList),
    bizSteps: inEvents(({ bizStep }) => [bizStep]),
    bizLocations: inEvents(({ bizLocation }) => [bizLocation?.id]),
    readPoints: inEvents(({ readPoint }) => [readPoint?.id]),
    dispositions: inEvents(({ disposition }) => [disposition]),
  };
  expect(valuesIn.readPoints).toEqual([place("dock%20in"), place("dock%20out")]);
  expect(valuesIn.bizLocations).toEqual([place("dock%20in"), place("rack"), place("shelf")]);
  for (const resource of epcisResources) {
    const { values, pages } = await everyValue(of, resource, 2);
    expect(new Set(values).size, resource).toBe(values.length);
    expect(pages, resource).toBeGreaterThanOrEqual(Math.ceil(values.length / 2));
    if (resource === "epcs" || resource === "readPoints" || resource === "bizLocations")
      expect(values.toSorted(), resource).toEqual(valuesIn[resource]);
    else expect(values, resource).toEqual(expect.arrayContaining(valuesIn[resource]));
  }

  // What is told later is found too, from where the log had been read to.
  await tellActs(member, of, [scanAct("A", { place: "yard" })]);
  const { values } = await everyValue(of, "readPoints", 500);
  expect(values).toContain(place("yard"));
  expect((await everyValue(of, "bizLocations", 500)).values).toContain(place("yard"));
});

test("places are told once the whole log was read for them, however long it is, and a word more than once read changes nothing", async () => {
  const of = "long";
  await beginSite(member, of);
  await tellActs(member, of, [createAct("A", {}), scanAct("A", { place: "dock" })]);
  // As many events more as take several answers to look at; in parts, since a busy machine may take longer for all than a store waits.
  for (let part = 0; part < 6; part += 1)
    await operations.sql`
      insert into event select (jsonb_populate_record(event, jsonb_build_object('pos', event.pos + step, 'id', gen_random_uuid()))).*
      from event, generate_series(1, 10000) as step
      where site = ${of} and pos = (select max(pos) from event where site = ${of})`;
  const first = await ask(bus, AskEpcisValues, { site: of, resource: "readPoints", limit: 5, after: null });
  expect(first).toEqual({ values: [], next: "" });
  const both = await Promise.all([everyValue(of, "readPoints", 5), everyValue(of, "readPoints", 5)]);
  for (const { values } of both) expect(values).toEqual([`urn:tagwire:${of}:place:dock`]);
});
