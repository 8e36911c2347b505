import { type DriverName, Fault } from "@tagwire/messages";
import { expect, test } from "vitest";
import type { ReaderSettings } from "../store/readers.ts";
import { checkSettings, driverSettingsOf, patched, sameSettings, sameTold } from "./reader-settings.ts";

const settings = (driver: string, address: string, ports: readonly number[] = []) => ({
  driver: driver as DriverName,
  address,
  antennas: ports.map((port) => ({ port })),
  station: null,
});

const login = { username: "root", password: "geheim" };

test.each([
  settings("llrp", "10.0.0.4"),
  settings("llrp", "reader-1.floor:5084", [1, 2]),
  { ...settings("llrp", "[fe80::1]:5084"), session: 3 },
  settings("mercury", "/dev/ttyACM0?baud=921600", [1, 2, 15]),
  { ...settings("mercury", "/dev/ttyACM0"), region: "nz" as const, session: 2 },
  { ...settings("m100", "/dev/ttyUSB1"), region: "cn-840" as const, session: 0 },
  settings("uhf18", "/dev/ttyUSB0?baud=57600", [1]),
  { ...settings("uhf288", "10.0.0.7:6000", [1, 2, 3, 4]), region: "cn" as const, session: 3 },
  { ...settings("tsl", "/dev/rfcomm0", [1]), session: 2 },
  settings("tsl", "10.0.0.9:4001"),
  settings("lines", "/dev/ttyS0?baud=9600"),
  settings("lines", "speedway-1.floor", [1, 32]),
  settings("m100", "/dev/ttyUSB0", [1]),
  settings("m100", "/dev/serial/by-id/usb-1?baud=115200"),
  settings("m100", "COM3?baud=9600"),
  { ...settings("impinj", "https://192.0.2.8", [1, 4]), region: "eu" as const, session: 2, login },
  settings("impinj", "http://192.0.2.8:8080/"),
  settings("impinj", "", [1]),
  settings("zebra", "", [1, 2]),
  { ...settings("m100", "/dev/ttyUSB0"), rules: { identity: "epc" as const } },
  ...["mercury", "uhf288", "tsl", "lines"].map((driver) => ({
    ...settings(driver, "/dev/ttyUSB0"),
    rules: { identity: "tid" as const },
  })),
  ...["impinj", "zebra", "replay"].map((driver) => ({
    ...settings(driver, ""),
    rules: { identity: "both" as const },
  })),
])("$driver takes $address", (fine) => {
  expect(checkSettings(fine)).toBe(fine);
});

test.each([
  { what: "a path where a host belongs", wrong: settings("llrp", "/dev/ttyUSB0") },
  { what: "a port beyond the last", wrong: settings("llrp", "10.0.0.4:70000") },
  { what: "a url", wrong: settings("llrp", "http://192.0.2.4") },
  { what: "a host where a path belongs", wrong: settings("m100", "10.0.0.4:5084") },
  { what: "an unknown option", wrong: settings("m100", "/dev/ttyUSB0?speed=1") },
  { what: "a second antenna on a one-antenna module", wrong: settings("m100", "/dev/ttyUSB0", [2]) },
  { what: "a port that no module has", wrong: settings("mercury", "/dev/ttyACM0", [16]) },
  {
    what: "a region that a family does not know",
    wrong: { ...settings("m100", "/dev/ttyUSB0"), region: "au" as const },
  },
  {
    what: "a region where the reader keeps its own",
    wrong: { ...settings("llrp", "10.0.0.4"), region: "eu" as const },
  },
  { what: "a session that is not set from here", wrong: { ...settings("lines", "10.0.0.4"), session: 1 } },
  {
    what: "a session of a reader that has none",
    wrong: { ...settings("uhf18", "/dev/ttyUSB0"), session: 1 },
  },
  { what: "a serial server without its port", wrong: settings("tsl", "10.0.0.9") },
  {
    what: "a region of a reader that takes none",
    wrong: { ...settings("lines", "a"), region: "eu" as const },
  },
  { what: "a fifth antenna", wrong: settings("uhf288", "10.0.0.7", [5]) },
  { what: "an antenna named twice", wrong: settings("llrp", "10.0.0.4", [1, 1]) },
  {
    what: "a control character in a place",
    wrong: { ...settings("llrp", "a"), antennas: [{ port: 1, place: "gate\u0000" }] },
  },
  { what: "a reader that must be called, without an address", wrong: settings("llrp", "") },
  { what: "a host without http", wrong: settings("impinj", "192.0.2.8") },
  { what: "a path behind the port", wrong: settings("impinj", "http://192.0.2.8/api/v1") },
  { what: "an address of a reader that pushes only", wrong: settings("zebra", "http://192.0.2.8") },
  { what: "a login of a reader that asks for none", wrong: { ...settings("llrp", "10.0.0.4"), login } },
  { what: "a login of a reader that pushes", wrong: { ...settings("impinj", ""), login } },
  {
    what: "a power of a reader that pushes",
    wrong: { ...settings("zebra", ""), antennas: [{ port: 1, powerDbm: 20 }] },
  },
  {
    what: "the chip's number as the name of what a reader without it hears",
    wrong: { ...settings("m100", "/dev/ttyUSB0"), rules: { identity: "tid" as const } },
  },
  {
    what: "the TID as the name of tags at a UHFReader18",
    wrong: { ...settings("uhf18", "/dev/ttyUSB0"), rules: { identity: "tid" as const } },
  },
  {
    what: "the chip's number as part of that name",
    wrong: { ...settings("training", ""), rules: { identity: "both" as const } },
  },
  { what: "a driver nobody wrote", wrong: settings("toString", "10.0.0.4") },
])("$what is refused with the reason", ({ wrong }) => {
  expect(() => checkSettings(wrong)).toThrow(Fault);
  expect(() => checkSettings(wrong)).toThrow(/^reader\.settings: /);
});

test("settings are the same whatever the order of antennas, and not when anything else differs", () => {
  const one = settings("llrp", "a", [1, 2]);
  expect(sameSettings(one, settings("llrp", "a", [2, 1]))).toBe(true);
  expect(sameSettings(one, settings("llrp", "b", [1, 2]))).toBe(false);
  expect(sameSettings(one, { ...one, antennas: [{ port: 1, place: "gate" }, { port: 2 }] })).toBe(false);
  expect(sameSettings(one, { ...one, station: "north" })).toBe(false);
});

test("a patch changes what it names", () => {
  const one = settings("llrp", "a", [1]);
  expect(patched(one, { address: "b" })).toEqual({
    ...one,
    rules: {},
    address: "b",
    login: null,
    region: null,
    session: null,
  });
});

test("a password in an address is refused, and not quoted", () => {
  const wrong = settings("impinj", "http://root:geheim@192.0.2.8");
  expect(() => checkSettings(wrong)).toThrow(/^reader\.settings: (?!.*geheim)/);
});

test("a login is for the reader that it was given for", () => {
  const one = { ...settings("impinj", "http://a"), login };
  expect(driverSettingsOf(one)).toMatchObject({ address: "http://a", login });
  expect(patched(one, { station: "x" })).toMatchObject({ login });
  expect(patched(one, { address: "http://a" })).toMatchObject({ login });
  expect(patched(one, { address: "http://b" })).toMatchObject({ address: "http://b", login: null });
  expect(patched(one, { address: "http://b", login })).toMatchObject({ login });
  expect(patched(one, { address: null })).toMatchObject({ address: "", login: null });
  expect(patched(one, { driver: "zebra", address: null })).toMatchObject({ login: null });
  expect(sameSettings(one, { ...one, login: { ...login, password: "other" } })).toBe(false);
});

test("region and session are settings like the others", () => {
  const one = settings("mercury", "/dev/ttyACM0");
  const told = patched(one, { region: "eu", session: 1 });
  expect(told).toMatchObject({ region: "eu", session: 1 });
  expect(patched({ ...told, station: "a" }, { station: null }).station).toBeNull();
  expect(patched({ ...told, station: "a" }, { session: 1 }).station).toBe("a");
  const ruled = { ...told, rules: { minReads: 2 } };
  expect([patched(ruled, { rules: null }).rules, patched(ruled, { session: 1 }).rules]).toEqual([
    {},
    ruled.rules,
  ]);
  expect(patched(told, { station: "a" })).toMatchObject({ region: "eu", session: 1 });
  expect(patched(told, { region: null })).toMatchObject({ region: null, session: 1 });
  expect(patched(told, { driver: "llrp", address: "a" })).toMatchObject({ region: null, session: null });
  expect(patched(told, { driver: "m100", session: 0 })).toMatchObject({ region: null, session: 0 });
  expect(sameSettings(one, told)).toBe(false);
  expect(driverSettingsOf(told)).toEqual({ address: "/dev/ttyACM0", antennas: [], region: "eu", session: 1 });
});

test("the driver gets ports and powers, and nothing of what is decided without it", () => {
  const antennas = [{ port: 1, place: "gate", powerDbm: 27 }, { port: 2 }];
  const one = { ...settings("llrp", "a"), antennas };
  expect(driverSettingsOf(one)).toEqual({ address: "a", antennas: [{ port: 1, powerDbm: 27 }, { port: 2 }] });
  const elsewhere = {
    ...one,
    station: "dock",
    rules: { minReads: 3 },
    antennas: [
      { port: 1, powerDbm: 27 },
      { port: 2, place: "yard" },
    ],
  };
  const told = (one: ReaderSettings) => ({ driver: one.driver, settings: driverSettingsOf(one) });
  expect(sameTold(told(one), told(elsewhere))).toBe(true);
  expect(sameSettings(one, elsewhere)).toBe(false);
  const louder = { ...one, antennas: [{ port: 1, powerDbm: 28 }, { port: 2 }] };
  expect(sameTold(told(one), told(louder))).toBe(false);
  expect(sameTold(told(one), told({ ...one, driver: "lines" }))).toBe(false);
  expect(driverSettingsOf(one, [3, 4])).toMatchObject({ inputs: [3, 4] });
});

test("TIDs are asked for where they are wanted and the reader can be told to ask", () => {
  const mercury = settings("mercury", "/dev/ttyACM0");
  expect(driverSettingsOf(mercury, [], true)).toMatchObject({ asksTid: true });
  expect(driverSettingsOf(mercury, [], false)).not.toHaveProperty("asksTid");
  expect(driverSettingsOf(settings("uhf288", "/dev/ttyACM0"), [], true)).toMatchObject({ asksTid: true });
  expect(driverSettingsOf(settings("m100", "/dev/ttyACM0"), [], true)).not.toHaveProperty("asksTid");
});
