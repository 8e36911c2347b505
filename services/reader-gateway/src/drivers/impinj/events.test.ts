import fc from "fast-check";
import { expect, test } from "vitest";
import { impinjEvents } from "./events.ts";

const timestamp = "2026-05-17T16:03:13.944189383Z";
const at = Date.UTC(2026, 4, 17, 16, 3, 13, 944);
const tag = (tagInventoryEvent: object, more: object = {}) => ({
  timestamp,
  eventType: "tagInventory",
  tagInventoryEvent,
  ...more,
});
const epc = "7EDA9038051002710002C0AE";

/** What barnowl-impinj publishes as a sample of an R700, field by field. */
const sample = {
  epc: "ftqQOAUQAnEAAsCu",
  epcHex: epc,
  tid: "4oARcCAAFM2bWgjs",
  pc: "NAA=",
  antennaPort: 1,
  peakRssiCdbm: -7000,
  frequency: 927_250,
  transmitPowerCdbm: 3000,
  phaseAngle: 69,
};

test("a tag is read with all that it tells", () => {
  expect(impinjEvents(tag(sample, { hostname: "impinj-01-23-45" }))).toEqual([
    { kind: "tag", epc, tid: "E2801170200014CD9B5A08EC", antenna: 1, rssiDbm: -70, count: 1, stampMs: at },
  ]);
});

test("a tag whose PC says so is of ISO", () => {
  expect(impinjEvents(tag({ ...sample, pc: "NQA=" }))).toMatchObject([{ epc, isIso: true }]);
  for (const pc of ["NAA=", "", "NQAA", "nonsense!", 3]) {
    const [told] = impinjEvents(tag({ ...sample, pc }));
    expect(told !== undefined && "isIso" in told, String(pc)).toBe(false);
  }
});

test.each([
  { what: "base64", said: { epc: "ftqQOAUQAnEAAsCu" }, read: epc },
  {
    what: "base64 of the URL's alphabet",
    said: { epc: "4oARkaUDAGXybMv_" },
    read: "E2801191A5030065F26CCBFF",
  },
  {
    what: "base64 of the usual alphabet",
    said: { epc: "4oARkaUDAGXybMv/" },
    read: "E2801191A5030065F26CCBFF",
  },
  { what: "hex", said: { epcHex: epc.toLowerCase() }, read: epc },
  { what: "zeros, which look like hex in base64", said: { epc: "AAAAAAAAAAAAAAAA" }, read: "0".repeat(24) },
  { what: "nothing, of a blank tag", said: { epc: "" }, read: "" },
  { what: "a TID alone", said: { tidHex: "E2801170200014CD9B5A08EC" }, read: "" },
])("an EPC as $what is read", ({ said, read }) => {
  expect(impinjEvents(tag(said))).toMatchObject([{ kind: "tag", epc: read, rssiDbm: null }]);
});

test("the time at which a tag was last seen counts more than the one at which it was told", () => {
  const lastSeenTime = "2026-05-17T16:03:10.000Z";
  expect(impinjEvents(tag({ epcHex: epc, lastSeenTime }))).toMatchObject([
    { stampMs: Date.parse(lastSeenTime) },
  ]);
});

test.each([
  { said: { status: "running" }, told: { kind: "reading", isReading: true } },
  { said: { status: "idle" }, told: { kind: "reading", isReading: false } },
  { said: { status: "armed" }, told: { kind: "alive" } },
])("the inventory is $said.status", ({ said, told }) => {
  expect(impinjEvents({ timestamp, eventType: "inventoryStatus", inventoryStatusEvent: said })).toEqual([
    told,
  ]);
});

test("antennas come and go", () => {
  const of = (sort: string) =>
    impinjEvents({ timestamp, eventType: sort, [`${sort}Event`]: { antennaPort: 3 } });
  expect([...of("antennaConnected"), ...of("antennaDisconnected")]).toEqual([
    { kind: "notice", notice: { kind: "antenna", antenna: 3, connected: true } },
    { kind: "notice", notice: { kind: "antenna", antenna: 3, connected: false } },
  ]);
});

test("events that the reader threw away are told", () => {
  const overflowEvent = { eventsPurged: 812, eventsRemaining: 10 };
  const told = impinjEvents({ timestamp, eventType: "overflow", overflowEvent });
  expect(JSON.stringify(told)).toContain("812");
  expect(told).toMatchObject([{ kind: "notice", notice: { kind: "warning", code: "events_purged" } }]);
});

test.each([
  { said: { gpi: 1, transition: "low-to-high" }, told: { kind: "input", port: 1, stampMs: at } },
  { said: { gpi: 1, transition: "high-to-low" }, told: { kind: "alive" } },
  { said: { gpi: 0, transition: "low-to-high" }, told: { kind: "unreadable", no: "it names no input" } },
  { said: { transition: "low-to-high" }, told: { kind: "unreadable", no: "it names no input" } },
  {
    said: { gpi: 1, transition: "up" },
    told: { kind: "unreadable", no: "its transition is neither high-to-low nor low-to-high" },
  },
])(
  "a transition %j of an input is taken, though the interface's list of events lacks it",
  ({ said, told }) => {
    expect(impinjEvents({ timestamp, eventType: "gpiTransition", gpiTransitionEvent: said })).toEqual([told]);
  },
);

test("an event that nobody knows yet is told by its name", () => {
  expect(impinjEvents({ timestamp, eventType: "tagLocation", tagLocationEvent: {} })).toEqual([
    { kind: "unknown", name: "tagLocation" },
  ]);
});

test("what older software pushes is read by its own names", () => {
  const older = {
    epc: epc.toLowerCase(),
    peakRssi: -61,
    antennaPort: 2,
    firstSeenTimestamp: at * 1_000,
    isHeartBeat: false,
  };
  expect(impinjEvents(older)).toEqual([
    { kind: "tag", epc, rssiDbm: -61, antenna: 2, count: 1, stampMs: at },
  ]);
  expect(impinjEvents({ isHeartBeat: true })).toEqual([{ kind: "alive" }]);
});

test.each([
  null,
  [],
  "text",
  {},
  { eventType: "tagInventory" },
  { eventType: 7, epc: "zz" },
  tag({}),
  tag({ epcHex: "ABC" }),
  tag({ epc: "not base64!" }),
  tag({ epc: "ftqQOAUQAnEAAsCu", epcHex: "00112233" }),
  tag({ epcHex: 12 }),
  { eventType: "inventoryStatus", inventoryStatusEvent: { status: "asleep" } },
  { eventType: "antennaConnected", antennaConnectedEvent: { antennaPort: 0 } },
])("%j is unreadable, with a reason", (event) => {
  expect(impinjEvents(event)).toMatchObject([{ kind: "unreadable", no: expect.any(String) }]);
});

test("whatever JSON there is, it is told and nothing throws", () => {
  const sorts = [
    "tagInventory",
    "inventoryStatus",
    "antennaConnected",
    "overflow",
    "constructor",
    "__proto__",
  ];
  const event = fc.oneof(
    fc.jsonValue(),
    fc.record({
      eventType: fc.constantFrom(...sorts),
      tagInventoryEvent: fc.jsonValue(),
      overflowEvent: fc.jsonValue(),
    }),
    fc.record({
      tagInventoryEvent: fc.record({
        epc: fc.jsonValue(),
        antennaPort: fc.jsonValue(),
        peakRssiCdbm: fc.jsonValue(),
      }),
    }),
  );
  fc.assert(fc.property(event, (any) => impinjEvents(any).length === 1));
});
