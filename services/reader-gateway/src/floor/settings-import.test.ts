import type { ReaderSettingsRow } from "@tagwire/messages";
import { expect, test } from "vitest";
import type { ReaderSettings } from "../store/readers.ts";
import { checkSettingsAt } from "./reader-settings.ts";
import { takeSettingsRow } from "./settings-import.ts";

const known: ReaderSettings = {
  driver: "impinj",
  address: "http://127.0.0.1:1",
  login: { username: "root", password: "secret" },
  antennas: [{ port: 1, place: "dock" }],
  station: null,
  rules: {},
  region: "eu",
  session: null,
};

const taken = async (row: ReaderSettingsRow, there: ReaderSettings | undefined, dryRun = false) => {
  const done: unknown[] = [];
  const outcome = await takeSettingsRow(row, {
    check: (settings) => checkSettingsAt("north", settings),
    known: there,
    dryRun,
    create: async (reader) => void done.push({ create: reader }),
    patch: async (change) => void done.push({ patch: change }),
  });
  return { outcome, done };
};

test.each<{ what: string; row: ReaderSettingsRow; there: ReaderSettings | undefined; is: unknown }>([
  {
    what: "a new reader, where what is taken away was never there",
    row: { id: "a", driver: "llrp", address: "127.0.0.1", region: null },
    there: undefined,
    is: { outcome: "created", done: [{ create: { id: "a", driver: "llrp", address: "127.0.0.1" } }] },
  },
  {
    what: "another rule, and nothing that the row does not say",
    row: { id: "a", rules: { minReads: 2 } },
    there: known,
    is: { outcome: "changed", done: [{ patch: { rules: { minReads: 2 } } }] },
  },
  {
    what: "what a file without passwords says of a reader with one",
    row: { id: "a", driver: "impinj", address: known.address, antennas: [...known.antennas], region: "eu" },
    there: known,
    is: { outcome: "unchanged", done: [] },
  },
])("$what", async ({ row, there, is }) => {
  expect(await taken(row, there)).toEqual(is);
  const { outcome } = is as { outcome: string };
  expect(await taken(row, there, true)).toEqual({ outcome, done: [] });
});

test.each([
  { what: "a new reader without a driver", row: { id: "a", station: "x" }, there: undefined },
  {
    what: "a session that the family has not",
    row: { id: "a", driver: "llrp" as const, session: 2 },
    there: known,
  },
  {
    what: "no address for a reader that is called",
    row: { id: "a", driver: "m100" as const },
    there: undefined,
  },
])("$what is refused, also in a dry run", async ({ row, there }) => {
  for (const dryRun of [true, false])
    await expect(taken(row, there, dryRun)).rejects.toMatchObject({ code: "reader.settings" });
});

test("a reader to practise with is refused where stock is real, also in a dry run", async () => {
  for (const dryRun of [true, false])
    await expect(taken({ id: "a", driver: "training" }, undefined, dryRun)).rejects.toMatchObject({
      code: "training.site",
    });
});
