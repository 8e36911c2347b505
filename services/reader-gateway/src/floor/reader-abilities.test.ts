import { type DriverName, driverNames } from "@tagwire/messages";
import { expect, test } from "vitest";
import { forms } from "./reader-forms.ts";
import { checkSettings } from "./reader-settings.ts";
import { cell, head, rows } from "./test-abilities.ts";

/* The table of what each driver does, in the README, beside what settings are taken for it. */

const isThere = (driver: string, column: string): boolean => !cell(driver, column).startsWith("no:");

/** Where such a reader may be; those that only push are nowhere. */
const addressOf = (driver: DriverName): string => {
  if (driver === "impinj") return "http://192.0.2.8";
  if (driver === "llrp") return "192.0.2.8";
  return forms[driver].mayPush === true ? "" : "/dev/ttyUSB0";
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
  const form = forms[driver];
  expect(isThere(driver, "Session")).toBe(form.hasSession);
  expect(isThere(driver, "Region")).toBe(Object.keys(form.regions).length > 0);
  expect(isThere(driver, "Antennas")).toBe(form.antennasMax > 1);
  const settings = { driver, address: addressOf(driver), antennas: [], station: null };
  const take = (more: object) => () => checkSettings({ ...settings, ...more });
  expect(take({})).not.toThrow();
  if (form.hasSession) expect(take({ session: 2 })).not.toThrow();
  else expect(take({ session: 2 })).toThrow();
});
