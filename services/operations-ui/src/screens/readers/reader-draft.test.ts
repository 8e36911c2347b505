import { expect, test } from "vitest";
import { draftOf, patchOf, type ReaderDraft, type SetReader, withAntenna } from "./reader-draft.ts";

const gate: SetReader = {
  driver: "llrp",
  address: "192.0.2.8",
  session: 1,
  antennas: [
    { port: 1, place: "hall", role: "gate", powerDbm: 24.5 },
    { port: 2, station: "door", side: "outside" },
  ],
};
const changed = (reader: SetReader, change: Partial<ReaderDraft>) =>
  patchOf(reader, { ...draftOf(reader), ...change });

test("what nobody touched changes nothing", () => {
  const r700: SetReader = { ...gate, driver: "impinj", address: "https://r700", login: { username: "root" } };
  const zebra: SetReader = { driver: "zebra", antennas: [{ port: 3 }] };
  for (const reader of [gate, r700, zebra]) expect(changed(reader, {})).toEqual({ patch: {} });
});

test.each([
  { what: "a session is left to the reader", change: { session: "" }, patch: { session: null } },
  { what: "a station is bound", change: { station: "door" }, patch: { station: "door" } },
  { what: "an address is moved", change: { address: " 192.0.2.9 " }, patch: { address: "192.0.2.9" } },
])("$what, and nothing else is said", ({ change, patch }) => {
  expect(changed(gate, change)).toEqual({ patch });
});

test("power is that of one antenna, with a comma too, and what has no field stays", () => {
  const antennas = draftOf(gate).antennas.map((one) => ({
    ...one,
    powerDbm: one.port === "1" ? "27,5" : "",
  }));
  expect(changed(gate, { antennas })).toEqual({
    patch: { antennas: [{ port: 1, place: "hall", role: "gate", powerDbm: 27.5 }, gate.antennas[1]] },
  });
});

test("a reader that sends with one power has it at every antenna, and at its only one when none is named", () => {
  const four: SetReader = { driver: "uhf288", address: "/dev/ttyUSB0", antennas: [{ port: 1 }, { port: 3 }] };
  const both = [1, 3].map((port) => ({ port, powerDbm: 26 }));
  expect(changed(four, { powerDbm: "26" })).toEqual({ patch: { antennas: both } });
  const one: SetReader = { driver: "m100", address: "/dev/ttyUSB0", antennas: [] };
  expect(changed(one, { powerDbm: "26" })).toEqual({ patch: { antennas: [{ port: 1, powerDbm: 26 }] } });
  expect(changed({ ...four, antennas: [] }, { powerDbm: "26" })).toEqual({
    wrong: "Power is set with antennas: add those that are to be used.",
  });
});

test("a reader that pushes from now on is told nothing any more", () => {
  const antennas = [{ port: 1, place: "hall", powerDbm: 24 }];
  const login = { username: "root" };
  const r700: SetReader = {
    driver: "impinj",
    address: "https://r700",
    ...{ region: "eu", session: 1, login, antennas },
  };
  expect(changed(r700, { address: "" })).toEqual({
    patch: {
      ...{ address: null, region: null, session: null, login: null },
      antennas: [{ port: 1, place: "hall" }],
    },
  });
});

test.each([
  { change: { username: "admin" }, wrong: "Another user name needs its password." },
  { change: { password: "secret" }, wrong: "A password belongs to a user name." },
])("$wrong", ({ change, wrong }) => {
  expect(changed({ driver: "impinj", address: "https://r700", antennas: [] }, change)).toEqual({ wrong });
});

test.each([
  { antenna: { powerDbm: "37" }, wrong: "Power is a number from 0 to 36 (dBm)." },
  { antenna: { powerDbm: "loud" }, wrong: "Power is a number from 0 to 36 (dBm)." },
  { antenna: { port: "65" }, wrong: "A port is a whole number from 1 to 64." },
  { antenna: { port: "2" }, wrong: "Antenna 2 is there twice." },
])("$wrong", ({ antenna, wrong }) => {
  const [first, second] = draftOf(gate).antennas;
  const antennas = [{ ...first, ...antenna }, second] as ReaderDraft["antennas"];
  expect(changed(gate, { antennas })).toEqual({ wrong });
});

test("another antenna is at the lowest port that is free", () => {
  const antennas = draftOf({ ...gate, antennas: [{ port: 1 }, { port: 3 }] }).antennas;
  expect(withAntenna(antennas).map(({ port }) => port)).toEqual(["1", "3", "2"]);
  expect(new Set(withAntenna(antennas).map(({ key }) => key)).size).toBe(3);
});
