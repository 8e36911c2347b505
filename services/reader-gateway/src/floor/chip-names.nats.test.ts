import type { PutStation } from "@tagwire/messages";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tester } from "../store/test-note.ts";
import { scriptedDrivers } from "./scripted-driver.ts";
import type { SiteFloor } from "./site-floor.ts";
import { type Ground, testGround } from "./test-floor.ts";

/* Tags that are named by their chips, at readers that tell chips and at one that never does. */

let ground: Ground;
let floor: SiteFloor;
const module = { id: "module", driver: "m100" as const, address: "/dev/ttyUSB0" };
const dock = (identity?: "epc" | "tid" | "both"): PutStation => ({
  ...{ mode: "zone", place: "dock", rules: identity === undefined ? {} : { identity } },
});
const refusedAs = (code: string, word: string) =>
  expect.objectContaining({ code, detail: expect.stringContaining(word) });

beforeAll(async () => {
  ground = await testGround();
  const opened = await ground.open("north", { drivers: scriptedDrivers().drivers });
  floor = opened.floor.openSite("north");
  await floor.putStation("by-chip", dock("tid"), tester);
  await floor.putStation("by-both", dock("both"), tester);
  await floor.putStation("by-epc", dock(), tester);
});
afterAll(() => ground[Symbol.asyncDispose]());

test("a reader that never tells a TID is made for, and moved to, no station where that names tags", async () => {
  for (const station of ["by-chip", "by-both"])
    await expect(floor.create({ ...module, station }, tester)).rejects.toEqual(
      refusedAs("reader.settings", `station ${station}`),
    );
  expect(floor.find("module")).toBeUndefined();
  await floor.create({ ...module, station: "by-epc" }, tester);
  const antennas = [{ port: 1, station: "by-chip" }];
  await expect(floor.patch("module", { antennas }, tester)).rejects.toEqual(
    refusedAs("reader.settings", "station by-chip"),
  );
  for (const dryRun of [true, false])
    await expect(floor.takeSettings({ id: "module", antennas }, dryRun, tester)).rejects.toEqual(
      refusedAs("reader.settings", "station by-chip"),
    );
  expect(floor.find("module")).toMatchObject({ station: "by-epc", antennas: [] });
  const other = { id: "other", driver: "llrp" as const, address: "127.0.0.1", station: "by-chip" };
  expect(await floor.create(other, tester)).toMatchObject({ created: true });
});

test("a UHFReader18 has no field for a TID, and a UHFReader288 can be told to ask", async () => {
  const at = (driver: "uhf18" | "uhf288") =>
    floor.create({ id: driver, driver, address: "/dev/ttyUSB1", station: "by-chip" }, tester);
  await expect(at("uhf18")).rejects.toEqual(refusedAs("reader.settings", "never tell a TID"));
  expect(await at("uhf288")).toMatchObject({ created: true });
});

test("a station where such a reader listens cannot be told to name tags so, and the reader is named", async () => {
  for (const identity of ["tid", "both"] as const)
    await expect(floor.putStation("by-epc", dock(identity), tester)).rejects.toEqual(
      refusedAs("station.settings", "reader module"),
    );
  expect(floor.station("by-epc").station).toMatchObject({ rules: {} });
  await floor.putStation("by-epc", dock("epc"), tester);
  await floor.patch("module", { station: "elsewhere" }, tester);
  await floor.putStation("by-epc", dock("tid"), tester);
});
