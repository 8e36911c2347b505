import fc from "fast-check";
import { expect, test } from "vitest";
import { zebraEvents } from "./events.ts";

const told = (event: unknown) => [...zebraEvents(event)];

const timestamp = "2026-09-07T12:30:28.390+0000";
const at = Date.UTC(2026, 8, 7, 12, 30, 28, 390);
const epc = "E2806894000040017790E471";

test("a tag is read with what tagMetaData added", () => {
  const data = {
    CRC: "f3b3",
    PC: "3000",
    accessResults: ["e280689420004001"],
    TID: "e2806894200040017790e471",
    antenna: 2,
    channel: 908.25,
    eventNum: 4828,
    format: "epc",
    idHex: epc.toLowerCase(),
    peakRssi: -37,
    phase: 14.029969215393066,
    reads: 3,
  };
  expect(told({ data, timestamp, type: "CUSTOM" })).toEqual([
    { kind: "tag", epc, tid: "E2806894200040017790E471", antenna: 2, rssiDbm: -37, count: 3, stampMs: at },
  ]);
});

test("a tag whose PC says so is of ISO, also in plain", () => {
  const tag = { kind: "tag", epc, rssiDbm: null, count: 1, isIso: true };
  expect(told({ idHex: epc, PC: "3100" })).toEqual([tag]);
  expect(told({ epc, pc: "3100" })).toEqual([tag]);
});

test("without tagMetaData there is nothing but the EPC", () => {
  const data = { eventNum: 4808, format: "epc", idHex: epc.toLowerCase() };
  expect(told({ data, timestamp, type: "SIMPLE" })).toEqual([
    { kind: "tag", epc, rssiDbm: null, count: 1, stampMs: at },
  ]);
});

test("a public fixture with a time in ms is read", () => {
  const data = { format: "epc", idHex: "E28011700001", peakRssi: -56, antenna: 2, channel: 4, phase: 180 };
  expect(told({ data, timestamp: 1_600_000_000_000, type: "SimpleTagEvent" })).toEqual([
    { kind: "tag", epc: "E28011700001", antenna: 2, rssiDbm: -56, count: 1, stampMs: 1_600_000_000_000 },
  ]);
});

test("a tag without the envelope is read, and a handheld's batch", () => {
  expect(told({ eventNum: 1, idHex: epc })).toEqual([{ kind: "tag", epc, rssiDbm: null, count: 1 }]);
  const batch = {
    type: "dataEVT",
    timestamp,
    data: { tagData: [{ idHex: epc }, { idHex: "XX" }, 7], barcodeData: [] },
  };
  expect(told(batch).map(({ kind }) => kind)).toEqual(["tag", "unreadable", "unreadable"]);
});

test("a tag that has no TID says so in words, which are no TID", () => {
  const data = { idHex: epc, TID: "Error: tag returned error code 0x03 = Memory overrun" };
  expect(told({ data, timestamp, type: "CUSTOM" })[0]).not.toHaveProperty("tid");
});

test("a heartbeat tells which antennas are plugged in", () => {
  const data = {
    radio_control: { antennas: { "1": "connected", "2": "disconnected", "3": 7 } },
    system: { flash: null, systemtime: "07/09/2026 12:22" },
  };
  expect(told({ component: "RG", data, eventNum: 3, timestamp, type: "heartbeat" })).toEqual([
    { kind: "alive" },
    { kind: "notice", notice: { kind: "antenna", antenna: 1, connected: true } },
    { kind: "notice", notice: { kind: "antenna", antenna: 2, connected: false } },
  ]);
});

test("an input that is low is broken, with the envelope or without its data in one", () => {
  const of = (data: object) => told({ component: "RC", data, timestamp, type: "GPI" });
  expect(of({ pin: 2, state: "LOW" })).toEqual([{ kind: "input", port: 2, stampMs: at }]);
  expect(told({ type: "GPI", pin: 2, state: "low" })).toEqual([{ kind: "input", port: 2 }]);
  expect(of({ pin: 2, state: "HIGH" })).toEqual([{ kind: "alive" }]);
  for (const data of [{ state: "LOW" }, { pin: 0, state: "LOW" }, { pin: 1, state: "BLINKING" }, { pin: 1 }])
    expect(of(data)).toMatchObject([{ kind: "unreadable", no: expect.any(String) }]);
});

test("its outputs concern nobody here, its errors do", () => {
  const of = (type: string) =>
    told({ component: "RG", data: { pin: 1, state: "HIGH" }, eventNum: 9, timestamp, type });
  expect(of("gpo")).toEqual([{ kind: "alive" }]);
  expect([...of("error"), ...of("warning")]).toMatchObject([
    {
      kind: "notice",
      notice: { kind: "warning", code: "zebra_error", message: expect.stringContaining("HIGH") },
    },
    { kind: "notice", notice: { kind: "warning", code: "zebra_warning" } },
  ]);
});

test("the answer to get_version tells its firmware", () => {
  const payload = { model: "FX9600", readerApplication: "3.21.23.0" };
  expect(told({ command: "get_version", command_id: "1", response: "success", payload })).toEqual([
    { kind: "notice", notice: { kind: "identified", model: "FX9600", firmware: "3.21.23.0", antennas: 0 } },
  ]);
});

test("a sort that nobody knows yet is told by its name", () => {
  expect(told({ data: {}, timestamp, type: "beacon" })).toEqual([{ kind: "unknown", name: "beacon" }]);
});

test.each([
  null,
  [],
  1,
  {},
  { data: { idHex: "ABC" } },
  { data: { idHex: 12 }, type: "SIMPLE" },
  { data: {}, type: 4 },
])("%j is unreadable, with a reason", (event) => {
  expect(told(event)).toMatchObject([{ kind: "unreadable", no: expect.any(String) }]);
});

test("whatever JSON there is, nothing throws", () => {
  const event = fc.oneof(
    fc.jsonValue(),
    fc.record({
      type: fc.constantFrom("heartbeat", "error", "SIMPLE", "constructor", "__proto__"),
      data: fc.jsonValue(),
    }),
  );
  fc.assert(fc.property(event, (any) => Array.isArray(told(any))));
});
