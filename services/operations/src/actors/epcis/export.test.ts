import { encodeEpc } from "@tagwire/epc";
import {
  conditionFlags,
  epcisContext,
  itemEvents,
  itemStatuses,
  type LoggedEvent,
  LotRecorded,
  scanTypes,
  serviceStatuses,
} from "@tagwire/messages";
import { epcisOffences, epcisSchema } from "@tagwire/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Act } from "../act.ts";
import { createAct, patchAct, scanAct } from "../test-acts.ts";
import { exportEvent } from "./export.ts";
import { isWanted, narrowingOf, saysWanted } from "./filter.ts";
import { meanings } from "./meaning.ts";
import { lifeOf, logged } from "./test-life.ts";

const site = { id: "north", timeZone: "Europe/Berlin" };
const schema = await epcisSchema();

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
        contract: maybe(fc.constantFrom("R-1", "0117", "L%9", "Tést :/")),
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
const life = fc
  .tuple(fc.array(act, { maxLength: 60 }), fc.shuffledSubarray(tags, { minLength: 3 }))
  .map(([acts, born]) => [
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
  ]);

test(`every life becomes events as the standard has them${schema === undefined ? " (GS1's schema is not here, so only our own rules judged them)" : ""}`, () => {
  const met = new Set<string>();
  fc.assert(
    fc.property(life, (acts) => {
      const log = lifeOf(acts);
      const exported = log.flatMap((event, index) => {
        const undoneBy = index % 5 === 0 ? log[index + 1] : undefined;
        const one = exportEvent(site, event, undoneBy);
        if (one !== undefined) met.add(event.type);
        return one === undefined ? [] : [one];
      });
      const document = documentOf(exported);
      expect(epcisOffences(document)).toEqual([]);
      expect(schema?.(document) ?? []).toEqual([]);
    }),
    { numRuns: 120 },
  );
  expect([...met].sort()).toEqual(
    ["created", "delivered", "edited", "found", "rented", "returned", "serviced", "sighted", "staged"].map(
      (word) => `item.${word}.v1`,
    ),
  );
});

test("every kind of item event has a meaning, and nothing has one that is never said", () => {
  const said = [...itemEvents, LotRecorded].map(({ type }) => type);
  expect([...meanings.keys()].sort()).toEqual(said.sort());
});

test("an event says only what its kind is declared to say, so that a query may skip by it", () => {
  fc.assert(
    fc.property(life, (acts) => {
      for (const event of lifeOf(acts)) {
        const exported = exportEvent(site, event);
        if (exported === undefined) continue;
        const { type, action, bizStep, disposition } = exported;
        const shapes = meanings.get(event.type)?.shapes ?? [];
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
        const exported = exportEvent(site, event);
        return exported === undefined ? [] : [{ event, exported }];
      });
      const sample = pairs[chosen % pairs.length]?.exported;
      if (sample === undefined) return;
      const filters = [
        { eventTypes: [sample.type], actions: [sample.action] },
        { bizSteps: [sample.bizStep ?? "storing"] },
        { dispositions: [sample.disposition ?? "available"] },
        { epcs: sample.epcList ?? [] },
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
        const { types, tags, contracts, seenAt, isAt } = narrowingOf(site.id, filter);
        for (const { event, exported } of pairs) {
          if (!isWanted(exported, filter)) continue;
          const { scan, set, was, item } = event.data as {
            scan?: { place?: string };
            set?: { place?: string };
            was?: { place?: string };
            item?: { place?: string };
          };
          expect(types).toContain(event.type);
          expect(saysWanted(event, filter)).toBe(true);
          if (tags !== undefined) expect(tags).toContain(event.tag);
          if (contracts !== undefined && contracts.length > 0) expect(contracts).toContain(event.contract);
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

test("a GS1 tag is called by its pure identity", () => {
  const tag = encodeEpc("urn:epc:tag:sgtin-96:3.0614141.812345.6789");
  expect(chair({ type: "item.sighted.v1", tag, data: change({ scan: { type: "count" } }) })).toMatchObject({
    epcList: ["urn:epc:id:sgtin:0614141.812345.6789"],
    bizStep: "stock_taking",
  });
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

test("a lot that was counted by hand is a quantity, and what EPCIS has no words for is left out", () => {
  const lot = exportEvent(
    site,
    logged({
      type: "lot.recorded.v1",
      contract: "L1",
      data: { name: "napkins, red", quantity: 40, action: "added" },
    }),
  );
  expect(lot).toMatchObject({
    quantityList: [{ epcClass: "urn:tagwire:north:lot:napkins%2C%20red", quantity: 40 }],
    "tagwire:lot": "added",
  });
  expect(epcisOffences(documentOf([lot ?? {}]))).toEqual([]);
  expect(schema?.(documentOf([lot ?? {}])) ?? []).toEqual([]);
  expect(exportEvent(site, logged({ type: "site.created.v1", data: {} }))).toBeUndefined();
  expect(
    exportEvent(site, logged({ type: "contract.opened.v1", contract: "R-1", data: {} })),
  ).toBeUndefined();
  expect(chair({ type: "item.edited.v1", data: change({ set: { notes: "x" } }) })).toBeUndefined();
});
