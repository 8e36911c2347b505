import { encodeEpc, encodeLink } from "@tagwire/epc";
import {
  ContractMerged,
  ContractUnmerged,
  conditionFlags,
  type EpcisEvent,
  epcisContext,
  type ItemChange,
  itemEvents,
  itemStatuses,
  type LoggedEvent,
  LotRecorded,
  newId,
  type Scan,
  scanTypes,
  serviceStatuses,
} from "@tagwire/messages";
import { epcisOffences, epcisSchema } from "@tagwire/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Act } from "../act.ts";
import { createAct, originOf, patchAct, scanAct } from "../test-acts.ts";
import { exportEvents } from "./export.ts";
import { isWanted, narrowingOf, saysWanted } from "./filter.ts";
import { hashIdOf } from "./hash-id.ts";
import { meanings } from "./meaning.ts";
import { lifeOf, logged } from "./test-life.ts";

const site = { id: "north", timeZone: "Europe/Berlin" };
const schema = await epcisSchema();

/** The one EPCIS event of most events. */
const exportEvent: (
  ...of: Parameters<typeof exportEvents>
) => ReturnType<typeof exportEvents>[number] | undefined = (...of) => exportEvents(...of)[0];

const documentOf = (events: readonly object[]) => ({
  "@context": [...epcisContext],
  type: "EPCISDocument",
  schemaVersion: "2.0",
  creationDate: "2026-03-02T07:15:00.000Z",
  epcisBody: { eventList: events },
});

/* ---- lives of things, of every kind and order ---- */

const tags = [
  "CHAIR-1",
  "Ünïté 7 (a/b):'50%'",
  "__proto__",
  "E2801160600002054D5A0001",
  "425445000000000000000001",
  ...[
    ...[
      "sgtin-96:3.0614141.812345.6789",
      "sgtin-198:3.0614141.712345.32a%2Fb",
      "grai-96:3.0614141.12345.5678",
    ],
    ...["giai-96:3.0614141.5678", "gid-96:31415.271828.1414", "sscc-96:3.0614141.1234567890"],
  ].map((body) => encodeEpc(`urn:epc:tag:${body}`)),
];
const dayMs = 86_400_000;
const startMs = Date.parse("2026-03-28T09:00:00.123Z");
const from = { receivedAt: new Date(startMs).toISOString() };
const before = { receivedAt: new Date(startMs - 50 * dayMs).toISOString() };
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 });
type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
const present = <T extends object>(given: T): Present<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Present<T>;

const tag = fc.constantFrom(...tags);
const place = fc.constantFrom("dock 1", "aisle/4?", "urn:epc:id:sgln:0614141.07346.1234", "椅");
const atMs = fc.integer({ min: -100 * dayMs, max: 2 * dayMs }).map((ms) => startMs + ms);
const zoned = fc.constantFrom("Z", "+02:00", "-09:30", "+14:00", "+23:59", "-00:00");
const scannedAt = fc.tuple(atMs, zoned).map(([ms, zone]) => {
  if (zone === "Z") return new Date(ms).toISOString();
  return new Date(ms).toISOString().replace(/\.\d+Z$/, zone);
});

const act = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({
        tag,
        type: fc.constantFrom(...scanTypes),
        scannedAt,
        contract: maybe(fc.constantFrom("R-1", "0117", "L%9", "Tést :/", "M-1", "M-2")),
        place: maybe(place),
        status: maybe(fc.constantFrom(...serviceStatuses)),
        condition: maybe(
          fc.record(
            Object.fromEntries(conditionFlags.map((flag) => [flag, fc.constantFrom(true, false, null)])),
            {
              requiredKeys: [],
            },
          ),
        ),
        force: maybe(fc.boolean()),
        reason: maybe(fc.constant("urgent")),
      })
      .map(({ tag, ...scan }): Act => scanAct(tag, present(scan), from)),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        tag,
        status: maybe(fc.constantFrom("ready" as const, "provisioned" as const, "wash" as const)),
        place: maybe(place),
      })
      .map(({ tag, ...body }): Act => createAct(tag, present({ class: "65101", ...body }), before)),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        tag,
        status: maybe(fc.constantFrom(...itemStatuses)),
        place: maybe(fc.option(place)),
        notes: maybe(fc.constant("n")),
      })
      .filter(({ tag: _, ...patch }) => Object.values(patch).some((value) => value !== undefined))
      .map(({ tag, ...patch }): Act => patchAct(tag, present(patch), before)),
  },
);
/** The floor writes contracts by hand, the office finds out which ones they are, and both count what has no tags. */
const paper = fc.oneof(
  fc
    .record({ number: fc.constantFrom("M-1", "M-2"), into: fc.constantFrom("R-1", "0117", "M-2") })
    .map(({ number, into }): Act => ({ kind: "contract.merge", ...of(), body: { number, into } })),
  fc
    .record({
      number: fc.constantFrom("M-1", "M-2", "R-1", "L%9"),
      name: fc.constantFrom("napkins, red", "Tücher"),
      quantity: fc.integer({ min: 1, max: 90 }),
      action: fc.constantFrom("added" as const, "added" as const, "removed" as const),
    })
    .map(
      ({ number, ...lot }): Act => ({
        kind: "lot.record",
        ...of(),
        body: { number, lot: { id: newId(), ...lot } },
      }),
    ),
);
const of = () => ({ id: newId(), origin: originOf(from) });
const life = fc
  .tuple(
    fc.array(fc.oneof({ weight: 14, arbitrary: act }, { weight: 2, arbitrary: paper }), { maxLength: 60 }),
    fc.shuffledSubarray(tags, { minLength: 3 }),
  )
  .map(([acts, born]): Act[] => [
    ...born.map((one) => createAct(one, {}, before)),
    ...acts,
    // So that every kind is met however chance has it.
    createAct("CHAIR-2", {}, before),
    patchAct("CHAIR-2", { status: "missing" }, before),
    scanAct("CHAIR-2", {}, from),
    ...(["stage", "rental", "delivery"] as const).map((type) =>
      scanAct("CHAIR-2", { type, contract: "R-1" }, from),
    ),
    scanAct("CHAIR-2", { type: "return", condition: { dirty: true } }, from),
    scanAct("CHAIR-2", { type: "service", status: "ready" }, from),
    scanAct("CHAIR-2", { type: "rental", contract: "M-3" }, from),
    {
      kind: "lot.record",
      ...of(),
      body: { number: "M-3", lot: { id: newId(), name: "napkins", quantity: 3, action: "added" } },
    },
    { kind: "contract.merge", ...of(), body: { number: "M-3", into: "R-9" } },
    { kind: "item.retag", ...of(), body: { tag: "CHAIR-2", to: "CHAIR-3" } },
  ]);

test(`every life becomes events as the standard has them${schema === undefined ? " (GS1's schema is not here, so only our own rules judged them)" : ""}`, () => {
  const met = new Set<string>();
  fc.assert(
    fc.property(life, (acts) => {
      const log = lifeOf(acts);
      const exported = log.flatMap((event, index) => {
        const undoneBy = index % 5 === 0 ? log[index + 1] : undefined;
        const told = exportEvents(site, event, undoneBy);
        if (told.length > 0) met.add(event.type);
        return told;
      });
      const document = documentOf(exported);
      expect(epcisOffences(document)).toEqual([]);
      expect(schema?.(document) ?? []).toEqual([]);
    }),
    { numRuns: 120 },
  );
  expect([...met].sort()).toEqual([
    "contract.merged.v1",
    ...["created", "delivered", "edited", "found", "reassigned", "rented", "retagged", "returned"].map(
      (word) => `item.${word}.v1`,
    ),
    ...["item.serviced.v1", "item.sighted.v1", "item.staged.v1", "lot.recorded.v1"],
  ]);
});

test("every kind of item event has a meaning, and nothing has one that is never said", () => {
  const said = [...itemEvents, LotRecorded, ContractMerged, ContractUnmerged].map(({ type }) => type);
  expect([...meanings.keys()].sort()).toEqual(said.sort());
});

test("an event says only what its kind is declared to say, so that a query may skip by it", () => {
  fc.assert(
    fc.property(life, (acts) => {
      for (const event of lifeOf(acts)) {
        const shapes = meanings.get(event.type)?.shapes ?? [];
        for (const { type, action, bizStep, disposition } of exportEvents(site, event))
          expect(shapes).toContainEqual(present({ type, action, ...present({ bizStep, disposition }) }));
      }
    }),
    { numRuns: 60 },
  );
});

test("what a filter spares looking at is not wanted", () => {
  fc.assert(
    fc.property(life, fc.nat(), (acts, chosen) => {
      const pairs = lifeOf(acts).flatMap((event) => {
        return exportEvents(site, event).map((exported) => ({ event, exported }));
      });
      const sample = pairs[chosen % pairs.length]?.exported;
      if (sample === undefined) return;
      const filters = [
        { eventTypes: [sample.type], actions: [sample.action] },
        { bizSteps: [sample.bizStep ?? "storing"] },
        { dispositions: [sample.disposition ?? "available"] },
        { epcs: sample.epcList ?? [] },
        { anyEpcs: sample.epcList ?? [] },
        { epcClasses: (sample.quantityList ?? []).map(({ epcClass }) => epcClass) },
        { anyEpcClasses: (sample.quantityList ?? []).map(({ epcClass }) => epcClass) },
        { quantity: { from: sample.quantityList?.[0]?.quantity ?? 1_000 } },
        { readPoints: [sample.readPoint?.id ?? ""] },
        { bizLocations: [sample.bizLocation?.id ?? ""] },
        {
          transactions: (sample.bizTransactionList ?? []).map(({ type, bizTransaction }) => ({
            type: type ?? "",
            values: [bizTransaction],
          })),
        },
      ];
      for (const filter of filters) {
        const { types, tags, contracts, seenAt, isAt } = narrowingOf(site.id, filter, new Map());
        for (const { event, exported } of pairs) {
          if (!isWanted(exported, filter)) continue;
          const {
            scan,
            set,
            was,
            item,
            into,
            moves = [],
          } = event.data as {
            moves?: { contract: string }[];
            scan?: { place?: string };
            set?: { place?: string };
            was?: { place?: string; contract?: string };
            into?: string;
            item?: { place?: string };
          };
          expect(types).toContain(event.type);
          expect(saysWanted(event, filter)).toBe(true);
          if (tags !== undefined) expect(tags).toContain(event.tag);
          if (contracts !== undefined && contracts.length > 0)
            expect(
              [event.contract, was?.contract, into, ...moves.map((move) => move.contract)].some((one) =>
                contracts.includes(one ?? ""),
              ),
            ).toBe(true);
          if (seenAt !== undefined) expect(seenAt).toContain(scan?.place);
          if (isAt !== undefined)
            expect([set?.place, was?.place, item?.place].some((one) => isAt.includes(one ?? ""))).toBe(true);
        }
      }
    }),
    { numRuns: 60 },
  );
});

/* ---- single events, by the table of the domain ---- */

const chair = (data: Partial<LoggedEvent> & { type: string }) =>
  exportEvent(site, logged({ tag: "CHAIR-1", ...data }));
const change = (rest: object = {}) => ({
  version: 2,
  set: {},
  was: { status: "ready", contract: null, place: "rack" },
  outcome: "accepted",
  flags: [],
  ...rest,
});

test("a rental is a transaction that begins, at the place and in the offset of the device", () => {
  const exported = chair({
    type: "item.rented.v1",
    contract: "R/1",
    scannedAt: "2026-07-01T10:00:00.000Z",
    data: change({
      set: { status: "on_rent", contract: "R/1" },
      scan: { type: "rental", place: "dock 1", deviceTime: "2026-07-01T06:00:00-04:00" },
    }),
  });
  expect(exported).toMatchObject({
    type: "TransactionEvent",
    action: "ADD",
    bizStep: "departing",
    disposition: "in_transit",
    eventTime: "2026-07-01T06:00:00.000-04:00",
    eventTimeZoneOffset: "-04:00",
    epcList: ["urn:tagwire:north:tag:CHAIR-1"],
    readPoint: { id: "urn:tagwire:north:place:dock%201" },
    bizTransactionList: [
      { type: "urn:tagwire:btt:contract", bizTransaction: "urn:tagwire:north:contract:R%2F1" },
    ],
    "tagwire:status": "on_rent",
  });
  expect(exported).not.toHaveProperty("bizLocation");
});

test.each([
  ["2026-01-15T10:00:00.000Z", "2026-01-15T11:00:00.000+01:00"],
  ["2026-07-15T10:00:00.000Z", "2026-07-15T12:00:00.000+02:00"],
])("without an offset of the device, %s is told as the site's clock showed it", (scannedAt, eventTime) => {
  expect(
    chair({ type: "item.sighted.v1", scannedAt, data: change({ scan: { type: "touch" } }) }),
  ).toMatchObject({
    eventTime,
    bizStep: "cycle_counting",
    bizLocation: { id: "urn:tagwire:north:place:rack" },
  });
});

test.each([
  ["a return", "R-1", { scan: { type: "return" } }, ["TransactionEvent", "DELETE", "receiving", "returned"]],
  [
    "a return without a contract",
    undefined,
    { scan: { type: "return" } },
    ["ObjectEvent", "OBSERVE", "receiving", "returned"],
  ],
  ["a pickup", "R-1", { scan: { type: "pickup" } }, ["ObjectEvent", "OBSERVE", "collecting", "in_transit"]],
])("%s is told as such", (_, contract, data, expected) => {
  const exported = chair({
    type: "item.returned.v1",
    ...(contract === undefined ? {} : { contract }),
    data: change({ set: { status: "ready" }, ...data }),
  });
  const { type, action, bizStep, disposition } = exported ?? {};
  expect([type, action, bizStep, disposition]).toEqual(expected);
});

test.each([
  ["repair", "OBSERVE", "repairing", "damaged"],
  ["wet", "OBSERVE", "holding", "unavailable"],
  ["inspect", "OBSERVE", "inspecting", "unavailable"],
  ["ready", "OBSERVE", "storing", "available"],
  ["sold", "OBSERVE", "retail_selling", "retail_sold"],
  ["retired", "DELETE", "decommissioning", "inactive"],
])("an edit to %s is %s, %s, %s", (status, action, bizStep, disposition) => {
  expect(chair({ type: "item.edited.v1", data: change({ set: { status } }) })).toMatchObject({
    action,
    bizStep,
    disposition,
  });
});

test.each([
  [
    "a rental with no return between",
    "item.rented.v1",
    "rental",
    "not_recorded",
    ["DELETE", undefined, undefined],
  ],
  [
    "an edit that takes it off",
    "item.edited.v1",
    undefined,
    "not_recorded",
    ["DELETE", undefined, undefined],
  ],
  ["a pickup", "item.returned.v1", "pickup", "returned", ["DELETE", "collecting", "in_transit"]],
  ["a return that comes late", "item.sighted.v1", "return", "returned", ["DELETE", "receiving", "returned"]],
])("%s ends the link to the contract that the thing was on", (_, type, scan, to, expected) => {
  const data = change({
    set: { status: "ready" },
    moves: [{ contract: "R-0", class: "chair", to, at: "2026-03-02T07:15:00.000Z" }],
    ...(scan === undefined ? {} : { scan: { type: scan } }),
  });
  const told = exportEvents(site, logged({ type, tag: "CHAIR-1", contract: "R-1", data }));
  expect(told).toHaveLength(2);
  const [end] = told;
  expect([end?.action, end?.bizStep, end?.disposition]).toEqual(expected);
  expect(end).toMatchObject({
    type: "TransactionEvent",
    bizTransactionList: [{ bizTransaction: "urn:tagwire:north:contract:R-0" }],
  });
  expect(epcisOffences(documentOf(told))).toEqual([]);
  expect(schema?.(documentOf(told)) ?? []).toEqual([]);
});

test.each([
  ["a return on its own contract is told once", "item.returned.v1", "return", "R-1", "returned", 1],
  ["a rental that comes late began nothing", "item.sighted.v1", "rental", "R-1", "not_recorded", 1],
  ["what was only set aside was never linked", "item.rented.v1", "rental", "R-0", "none", 1],
])("%s", (_, type, scan, contract, to, count) => {
  const data = change({
    set: { status: "ready" },
    moves: [{ contract, class: "chair", to, at: "2026-03-02T07:15:00.000Z" }],
    scan: { type: scan },
  });
  expect(exportEvents(site, logged({ type, tag: "CHAIR-1", contract: "R-1", data }))).toHaveLength(count);
});

test.each([
  ["ends the link once, however often it says how the thing stands there", ["returned", "returned"], 1],
  ["ends no link that goes on", ["returned", "out"], 0],
])("a return that comes late %s", (_, told, ends) => {
  const own = { contract: "R-0", class: "chair", at: "2026-03-02T07:15:00.000Z" };
  const data = change({ moves: told.map((to) => ({ ...own, to })), scan: { type: "return" } });
  const said = exportEvents(site, logged({ type: "item.sighted.v1", tag: "CHAIR-1", contract: "R-1", data }));
  expect(said.filter(({ action }) => action === "DELETE")).toHaveLength(ends);
});

test("a GS1 tag is called by its pure identity", () => {
  const tag = encodeEpc("urn:epc:tag:sgtin-96:3.0614141.812345.6789");
  expect(chair({ type: "item.sighted.v1", tag, data: change({ scan: { type: "count" } }) })).toMatchObject({
    epcList: ["urn:epc:id:sgtin:0614141.812345.6789"],
    bizStep: "stock_taking",
  });
});

test("a GS1 tag that does not tell its company prefix is called by the canonical Digital Link, whatever else it says", () => {
  const link = "https://shop.example/01/79521141123453/10/LOT7/21/32a%2Fb?17=261231";
  const tag = encodeLink(link, { scheme: "sgtin++" });
  const event = chair({ type: "item.sighted.v1", tag, data: change({ scan: { type: "count" } }) });
  expect(event).toMatchObject({ epcList: ["https://id.gs1.org/01/79521141123453/21/32a%2Fb"] });
  expect(epcisOffences(documentOf([event ?? {}]))).toEqual([]);
});

test("what was taken back carries the declaration, names what put it right, and keeps its id", () => {
  const wrong = logged({
    type: "item.serviced.v1",
    tag: "CHAIR-1",
    data: change({ set: { status: "wash" } }),
  });
  const undo = logged({
    type: "item.undone.v1",
    tag: "CHAIR-1",
    pos: 8,
    recordedAt: "2026-03-02T08:00:00.000Z",
    data: change({
      set: { status: "ready" },
      was: { status: "wash", contract: null, place: null },
      undoes: 7,
    }),
  });
  const exported = exportEvent(site, wrong, undo);
  expect(exported).toMatchObject({
    eventID: exportEvent(site, wrong)?.eventID ?? "",
    errorDeclaration: {
      declarationTime: "2026-03-02T08:00:00.000Z",
      reason: "did_not_occur",
      correctiveEventIDs: [exportEvent(site, undo)?.eventID],
    },
  });
  expect(epcisOffences(documentOf([exported ?? {}, exportEvent(site, undo) ?? {}]))).toEqual([]);
});

test.each([
  ["on_rent", ["void_shipping", "departing"], "in_transit"],
  ["delivered", ["void_shipping", "arriving"], "in_progress"],
  ["staged", ["staging_outbound", "staging_outbound"], "reserved"],
  ["missing", ["void_shipping", "departing"], "unknown"],
])(
  "a merge frees what is %s from the manual contract and links it to the real one",
  (status, steps, disposition) => {
    const event = logged({
      type: "item.reassigned.v1",
      tag: "CHAIR-1",
      contract: "4711",
      data: change({ set: { contract: "4711" }, was: { status, contract: "M-1", place: null } }),
    });
    const pair = exportEvents(site, event);
    const of = (number: string) => `urn:tagwire:north:contract:${number}`;
    expect(pair).toMatchObject([
      {
        ...{ type: "TransactionEvent", action: "DELETE", bizStep: steps[0], disposition },
        bizTransactionList: [{ type: "urn:tagwire:btt:contract", bizTransaction: of("M-1") }],
        "tagwire:mergedInto": of("4711"),
      },
      {
        ...{ type: "TransactionEvent", action: "ADD", bizStep: steps[1], disposition },
        bizTransactionList: [{ type: "urn:tagwire:btt:contract", bizTransaction: of("4711") }],
        "tagwire:mergedFrom": of("M-1"),
      },
    ]);
    expect(pair.map(({ epcList }) => epcList)).toEqual(pair.map(() => ["urn:tagwire:north:tag:CHAIR-1"]));
    expect(new Set(pair.map(({ eventID }) => eventID)).size).toBe(2);
    expect(exportEvents(site, event)).toEqual(pair);
    expect(pair.map(({ eventID, recordTime: _, ...said }) => hashIdOf(said) === eventID)).toEqual([
      true,
      true,
    ]);
    expect(epcisOffences(documentOf(pair))).toEqual([]);
    expect(schema?.(documentOf(pair)) ?? []).toEqual([]);
  },
);

test("both sides of a merge that was taken back carry the declaration, with the one correction", () => {
  const data = change({
    set: { contract: "4711" },
    was: { status: "on_rent", contract: "M-1", place: null },
  });
  const wrong = logged({ type: "item.reassigned.v1", tag: "CHAIR-1", contract: "4711", data });
  const undo = logged({
    type: "item.undone.v1",
    tag: "CHAIR-1",
    contract: "M-1",
    pos: 8,
    data: change({
      set: { contract: "M-1" },
      was: { status: "on_rent", contract: "4711", place: null },
      undoes: 7,
    }),
  });
  const correctiveEventIDs = exportEvents(site, undo).map(({ eventID }) => eventID);
  expect(correctiveEventIDs).toHaveLength(1);
  const pair = exportEvents(site, wrong, undo);
  expect(pair.map(({ errorDeclaration }) => errorDeclaration?.correctiveEventIDs)).toEqual([
    correctiveEventIDs,
    correctiveEventIDs,
  ]);
  expect(pair.map(({ eventID }) => eventID)).toEqual(exportEvents(site, wrong).map(({ eventID }) => eventID));
  expect(schema?.(documentOf(pair)) ?? []).toEqual([]);
});

test("what a merge cannot name as freed is linked alone", () => {
  const [only, ...more] = exportEvents(
    site,
    logged({
      type: "item.reassigned.v1",
      tag: "CHAIR-1",
      contract: "4711",
      data: change({ was: { status: "on_rent", contract: null, place: null } }),
    }),
  );
  expect(only).toMatchObject({ action: "ADD", bizStep: "departing" });
  expect(only).not.toHaveProperty("tagwire:mergedFrom");
  expect(more).toEqual([]);
});

/** What a contract has of each lot, summed up by somebody who reads EPCIS alone. */
const sumOf = (events: readonly EpcisEvent[], contract: string): number =>
  events
    .filter(
      ({ type, errorDeclaration, bizTransactionList }) =>
        type === "TransactionEvent" &&
        errorDeclaration === undefined &&
        bizTransactionList?.some(({ bizTransaction }) => bizTransaction.endsWith(`:${contract}`)),
    )
    .reduce((sum, { action, quantityList = [] }) => {
      const quantity = quantityList.reduce((all, one) => all + (one.quantity ?? 0), 0);
      return action === "DELETE" ? sum - quantity : sum + quantity;
    }, 0);

const lot = (pos: number, data: object): LoggedEvent =>
  logged({ type: "lot.recorded.v1", contract: "L1", pos, data: { name: "napkins, red", ...data } });

test("a lot that was counted by hand is a quantity that goes on a contract or comes off it", () => {
  const [on, off] = [
    lot(7, { quantity: 40, action: "added" }),
    lot(8, { quantity: 15, action: "removed" }),
  ].flatMap((event) => exportEvents(site, event));
  const shared = {
    type: "TransactionEvent",
    bizStep: "stock_taking",
    bizTransactionList: [
      { type: "urn:tagwire:btt:contract", bizTransaction: "urn:tagwire:north:contract:L1" },
    ],
  };
  const epcClass = "urn:tagwire:north:lot:napkins%2C%20red";
  expect(on).toMatchObject({
    ...{ ...shared, action: "ADD", quantityList: [{ epcClass, quantity: 40 }] },
    "tagwire:lot": "added",
  });
  expect(off).toMatchObject({
    ...{ ...shared, action: "DELETE", quantityList: [{ epcClass, quantity: 15 }] },
    "tagwire:lot": "removed",
  });
  const document = documentOf([on ?? {}, off ?? {}]);
  expect(epcisOffences(document)).toEqual([]);
  expect(schema?.(document) ?? []).toEqual([]);
});

test("a count that was taken back counts neither itself nor backwards, and names what took it back", () => {
  const wrong = lot(7, { quantity: 40, action: "added" });
  const right = lot(8, { quantity: 14, action: "added" });
  const undo = lot(9, { quantity: 40, action: "removed", undoes: 7 });
  const told = [
    ...exportEvents(site, wrong, undo),
    ...exportEvents(site, right),
    ...exportEvents(site, undo),
  ];
  expect(told).toHaveLength(3);
  expect(told[0]?.errorDeclaration?.correctiveEventIDs).toEqual([told[2]?.eventID]);
  expect(told[2]).toMatchObject({ type: "ObjectEvent", action: "OBSERVE" });
  expect(told[2]?.quantityList).toEqual([{ epcClass: "urn:tagwire:north:lot:napkins%2C%20red" }]);
  expect(sumOf(told, "L1")).toBe(14);
  expect(epcisOffences(documentOf(told))).toEqual([]);
  expect(schema?.(documentOf(told)) ?? []).toEqual([]);
});

test("lots go over with a merge as they stand, however many there are", () => {
  const lots = Object.fromEntries(
    Array.from({ length: 450 }, (_, index) => [`lot ${index}`, { added: 5, removed: index === 0 ? 5 : 2 }]),
  );
  const data = { into: "4711", kind: "rental", members: [], lots, lines: [] };
  const told = exportEvents(site, logged({ type: "contract.merged.v1", contract: "M-1", data }));
  expect(told.map(({ action }) => action)).toEqual(["DELETE", "ADD", "DELETE", "ADD", "DELETE", "ADD"]);
  expect(sumOf(told, "M-1")).toBe(-3 * 449);
  expect(sumOf(told, "4711")).toBe(3 * 449);
  expect(epcisOffences(documentOf(told))).toEqual([]);
  expect(schema?.(documentOf(told)) ?? []).toEqual([]);
  const none = logged({ type: "contract.merged.v1", contract: "M-1", data: { ...data, lots: {} } });
  expect(exportEvents(site, none)).toEqual([]);

  const back = logged({
    type: "contract.unmerged.v1",
    contract: "M-1",
    pos: 8,
    data: { ...data, undoes: 7 },
  });
  const corrections = exportEvents(site, back);
  expect(corrections.map(({ action, quantityList }) => [action, quantityList?.length])).toEqual([
    ["OBSERVE", 200],
    ["OBSERVE", 200],
    ["OBSERVE", 49],
  ]);
  expect(schema?.(documentOf(corrections)) ?? []).toEqual([]);
  const wrong = exportEvents(site, logged({ type: "contract.merged.v1", contract: "M-1", data }), back);
  expect(wrong.map(({ errorDeclaration }) => errorDeclaration?.correctiveEventIDs)).toEqual(
    wrong.map(() => corrections.map(({ eventID }) => eventID)),
  );
  expect(sumOf([...wrong, ...corrections], "4711")).toBe(0);
  expect(schema?.(documentOf(wrong)) ?? []).toEqual([]);
});

/** The contracts that each EPC is linked to, by somebody who reads EPCIS alone. */
const linksIn = (events: readonly EpcisEvent[]): string[] => {
  const links = new Set<string>();
  for (const { type, action, errorDeclaration, bizTransactionList = [], epcList = [] } of events) {
    if (type !== "TransactionEvent" || errorDeclaration !== undefined) continue;
    for (const epc of epcList)
      for (const { bizTransaction } of bizTransactionList) {
        const link = `${epc.split(":").at(-1)} ${bizTransaction.split(":").at(-1)}`;
        if (action === "DELETE") links.delete(link);
        else links.add(link);
      }
  }
  return [...links];
};

test.each(["rental", "delivery"] as const)(
  "a thing that is out by %s and gets another tag is linked to its contract by that one, until it comes back",
  (type) => {
    const out = [
      createAct("CHAIR-1", {}, before),
      scanAct("CHAIR-1", { type: "rental", contract: "R-1" }, from),
      ...(type === "rental" ? [] : [scanAct("CHAIR-1", { type, contract: "R-1" }, from)]),
    ];
    const retag: Act = { kind: "item.retag", ...of(), body: { tag: "CHAIR-1", to: "CHAIR-2" } };
    const back = scanAct("CHAIR-2", { type: "return" }, from);
    const told = (...acts: Act[]) => lifeOf(acts).flatMap((event) => exportEvents(site, event));
    expect(linksIn(told(...out))).toEqual(["CHAIR-1 R-1"]);
    expect(linksIn(told(...out, retag))).toEqual(["CHAIR-2 R-1"]);
    expect(linksIn(told(...out, retag, back))).toEqual([]);
    const all = told(...out, retag, back);
    expect(new Set(all.map(({ eventID }) => eventID)).size).toBe(all.length);
    expect(epcisOffences(documentOf(all))).toEqual([]);
    expect(schema?.(documentOf(all)) ?? []).toEqual([]);

    const log = lifeOf([...out, retag]);
    const [ended, begun] = log.slice(-2) as [LoggedEvent, LoggedEvent];
    const undo = (event: LoggedEvent, pos: number) =>
      logged({ ...event, type: "item.undone.v1", pos, data: change({ undoes: event.pos }) });
    const undone = log.flatMap((event) => {
      const undoneBy = event === ended ? undo(ended, 8) : event === begun ? undo(begun, 9) : undefined;
      return exportEvents(site, event, undoneBy);
    });
    expect(linksIn(undone)).toEqual(["CHAIR-1 R-1"]);
  },
);

test.each<[string, readonly (Partial<Scan> & Pick<Scan, "type">)[], string[]]>([
  ["was set aside for it", [{ type: "stage", contract: "R-1" }], ["ADD", "DELETE"]],
  ["was at hand", [], ["ADD", "DELETE"]],
  ["was missing", [], ["ADD", "DELETE"]],
  ["was out on another", [{ type: "rental", contract: "R-0" }], ["ADD", "DELETE", "ADD", "DELETE"]],
  ["was rented on it", [{ type: "rental", contract: "R-1" }], ["ADD", "DELETE"]],
])(
  "a thing that is delivered and %s is linked to the contract once, until it comes back",
  (what, more, links) => {
    const out = [
      createAct("CHAIR-1", {}, before),
      ...(what === "was missing" ? [patchAct("CHAIR-1", { status: "missing" }, before)] : []),
      ...more.map((scan) => scanAct("CHAIR-1", scan, from)),
      scanAct("CHAIR-1", { type: "delivery", contract: "R-1" }, from),
    ];
    const told = (...acts: Act[]) => lifeOf(acts).flatMap((event) => exportEvents(site, event));
    expect(linksIn(told(...out))).toEqual(["CHAIR-1 R-1"]);
    const all = told(...out, scanAct("CHAIR-1", { type: "return" }, from));
    expect(linksIn(all)).toEqual([]);
    expect(all.flatMap(({ type, action }) => (type === "TransactionEvent" ? [action] : []))).toEqual(links);
    expect(all.filter(({ bizStep }) => bizStep === "arriving")).toHaveLength(1);
    expect(new Set(all.map(({ eventID }) => eventID)).size).toBe(all.length);
    expect(epcisOffences(documentOf(all))).toEqual([]);
    expect(schema?.(documentOf(all)) ?? []).toEqual([]);
  },
);

test("nothing comes back from a contract on which it was not before, unless it was told too late that it went out", () => {
  let ends = 0;
  fc.assert(
    fc.property(life, (acts) => {
      const log = lifeOf(acts);
      const into = new Map(
        log.flatMap(({ type, contract, data }) =>
          type === "contract.merged.v1" && contract !== undefined ? [[contract, String(data.into)]] : [],
        ),
      );
      const now = (number: string): string => (into.has(number) ? now(into.get(number) ?? "") : number);
      const linked = new Set<string>();
      for (const event of log) {
        const { flags = [], moves = [] } = event.data as Partial<ItemChange>;
        if (flags.includes("late_history_only"))
          for (const { contract } of moves) linked.add(`${event.tag} ${now(contract)}`);
        for (const { type, action, bizStep = "", bizTransactionList = [], epcList } of exportEvents(
          site,
          event,
        )) {
          if (type !== "TransactionEvent" || epcList === undefined) continue;
          const number = bizTransactionList[0]?.bizTransaction.split(":contract:")[1] ?? "";
          const link = `${event.tag} ${now(decodeURIComponent(number))}`;
          if (action === "ADD") linked.add(link);
          else if (bizStep === "receiving" || bizStep === "collecting") {
            ends += 1;
            expect([...linked]).toContain(link);
          }
        }
      }
    }),
    { numRuns: 200 },
  );
  expect(ends).toBeGreaterThan(100);
});

test("a thing that is only at hand, or set aside, is linked to nothing by another tag", () => {
  for (const more of [[], [scanAct("CHAIR-1", { type: "stage", contract: "R-1" }, from)]]) {
    const retag: Act = { kind: "item.retag", ...of(), body: { tag: "CHAIR-1", to: "CHAIR-2" } };
    const told = lifeOf([createAct("CHAIR-1", {}, before), ...more, retag]).flatMap((event) =>
      exportEvents(site, event),
    );
    expect(told.filter(({ type }) => type === "TransactionEvent")).toEqual([]);
  }
});

test("what EPCIS has no words for is left out", () => {
  expect(exportEvents(site, logged({ type: "site.created.v1", data: {} }))).toEqual([]);
  expect(exportEvents(site, logged({ type: "contract.opened.v1", contract: "R-1", data: {} }))).toEqual([]);
  expect(chair({ type: "item.edited.v1", data: change({ set: { notes: "x" } }) })).toBeUndefined();
});
