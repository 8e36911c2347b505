import { type DriverName, driverNames, readerAbilities } from "@tagwire/messages";
import { expect, test } from "vitest";
import { uhf18, uhf288 } from "../drivers/uhf/setup.ts";
import { forms } from "./reader-forms.ts";
import { checkSettings } from "./reader-settings.ts";
import { cell, head, rows } from "./test-abilities.ts";

/* The table of what each driver does, in the README, beside what settings are taken for it. */

const isThere = (driver: string, column: string): boolean => !cell(driver, column).startsWith("no:");

/** Where such a reader may be; those that only push are nowhere. */
const addressOf = (driver: DriverName): string => {
  if (driver === "impinj") return "http://192.0.2.8";
  if (driver === "llrp") return "192.0.2.8";
  return readerAbilities[driver].address !== "needed" ? "" : "/dev/ttyUSB0";
};

test("every driver has its row, and every cell says something", () => {
  expect(rows.map(([name]) => name)).toEqual(driverNames.map((name) => `\`${name}\``));
  expect(head).toHaveLength(13);
  for (const row of rows) {
    expect(row).toHaveLength(head.length);
    for (const said of row) expect(said, row[0]).toMatch(/^(?:no: )?\S/);
  }
});

test.each(driverNames)("%s takes the settings that the table says it takes, and no others", (driver) => {
  const form = readerAbilities[driver];
  expect(isThere(driver, "Session")).toBe(form.hasSession);
  expect(isThere(driver, "Region")).toBe(form.regions.length > 0);
  expect(isThere(driver, "Antennas")).toBe(form.antennasMax > 1);
  expect(isThere(driver, "Power")).toBe(form.power !== "none");
  expect(cell(driver, "Power").startsWith("each")).toBe(form.power === "each");
  const settings = { driver, address: addressOf(driver), antennas: [], station: null };
  const take = (more: object) => () => checkSettings({ ...settings, ...more });
  expect(take({})).not.toThrow();
  if (form.hasSession) expect(take({ session: 2 })).not.toThrow();
  else expect(take({ session: 2 })).toThrow();
});

test("what is told of the families is what their drivers know", () => {
  for (const driver of driverNames)
    expect(readerAbilities[driver].regions.toSorted(), driver).toEqual(
      Object.keys(forms[driver].regions).toSorted(),
    );
  expect(readerAbilities.uhf18.antennasMax).toBe(uhf18.antennasMax);
  expect(readerAbilities.uhf288.antennasMax).toBe(uhf288.antennasMax);
});

test.each(driverNames)("%s takes power where it can be told, for each antenna or one for all", (driver) => {
  const { power, antennasMax } = readerAbilities[driver];
  const antennas = [{ port: 1, powerDbm: 20 }];
  const take = (more: object[]) => () =>
    checkSettings({
      ...{ driver, address: addressOf(driver), station: null },
      antennas: [...antennas, ...more] as { port: number }[],
    });
  if (power === "none") return expect(take([])).toThrow("power");
  expect(take([])).not.toThrow();
  const two = take([{ port: 2, powerDbm: 24 }]);
  if (power === "each") expect(two).not.toThrow();
  else if (antennasMax > 1) expect(two).toThrow("one power");
});
