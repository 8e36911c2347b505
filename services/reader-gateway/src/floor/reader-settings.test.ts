import { type DriverName, Fault } from "@tagwire/messages";
import { expect, test } from "vitest";
import { checkSettings, driverSettingsOf, patched, placesOf, sameSettings } from "./reader-settings.ts";

const settings = (driver: string, address: string, ports: readonly number[] = []) => ({
  driver: driver as DriverName,
  address,
  antennas: ports.map((port) => ({ port })),
  station: null,
});

test.each([
  settings("llrp", "10.0.0.4"),
  settings("llrp", "reader-1.floor:5084", [1, 2]),
  settings("llrp", "[fe80::1]:5084"),
  settings("m100", "/dev/ttyUSB0", [1]),
  settings("m100", "/dev/serial/by-id/usb-1?baud=115200"),
  settings("m100", "COM3?baud=9600"),
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
  { what: "an antenna named twice", wrong: settings("llrp", "10.0.0.4", [1, 1]) },
  {
    what: "a control character in a place",
    wrong: { ...settings("llrp", "a"), antennas: [{ port: 1, place: "gate\u0000" }] },
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
  expect(patched(one, { address: "b" })).toEqual({ ...one, address: "b" });
});

test("the driver gets ports and powers, smoothing gets places", () => {
  const antennas = [{ port: 1, place: "gate", powerDbm: 27 }, { port: 2 }];
  expect(driverSettingsOf({ ...settings("llrp", "a"), antennas })).toEqual({
    address: "a",
    antennas: [{ port: 1, powerDbm: 27 }, { port: 2 }],
  });
  expect([...placesOf(antennas)]).toEqual([[1, "gate"]]);
});
