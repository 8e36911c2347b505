import { type AntennaCounts, csvLine, type Reader } from "@tagwire/messages";
import { expect, test } from "vitest";
import type { Column } from "../transfer/export-formats.ts";
import { antennaRowsOf, readerExports } from "./export-readers.ts";

const counts = (reads: number): AntennaCounts => ({
  ...{ reads, filtered: 3, held: 0, observed: reads - 3 },
  ...{ observations: 2, accepted: 1, alreadyApplied: 0, rejected: 0, quarantined: 0, pending: 1 },
  filteredBy: { no_tid: 2, unattributed: 1 },
  strays: { few: 1 },
});
const dock: Reader = {
  id: "dock",
  driver: "llrp",
  address: "127.0.0.1",
  antennas: [{ port: 10, place: "gate" }, { port: 2 }],
  enabled: true,
  status: "inventory",
  since: "2026-01-01T00:00:00.000Z",
  firmware: null,
  model: null,
  fault: null,
  retryAt: null,
  antennasConnected: { 2: false, 10: true },
  counts: {
    frames: 9,
    malformed: 1,
    ...counts(20),
    antennas: { 3: counts(8), 10: counts(5), unattributed: counts(7) },
  },
  rate: 0,
  version: 1,
};

const fileOf = (path: string, rows: readonly unknown[]): Record<string, unknown>[] => {
  const columns = (readerExports.find((one) => one.path === path)?.columns ??
    []) as unknown as Column<unknown>[];
  return rows.map((row) => {
    const cells = columns.map((column) => [column.name, column.of(row)] as const);
    // Each cell is one that can be written as it is.
    expect(csvLine(cells.map(([, cell]) => cell))).toMatch(/\r\n$/);
    return Object.fromEntries(cells);
  });
};

test("antennas come in the order of their ports, set or not, and what none accounts for comes last", () => {
  const rows = fileOf("/readers/antennas", antennaRowsOf(dock));
  expect(rows).toMatchObject([
    { reader: "dock", port: "2", place: null, connected: "no", reads: null, filteredNoTid: null },
    { reader: "dock", port: "3", place: null, connected: null, reads: 8, filteredNoTid: 2, strayFew: 1 },
    {
      reader: "dock",
      port: "10",
      place: "gate",
      connected: "yes",
      reads: 5,
      filteredImpossible: 0,
      strayWeak: 0,
    },
    { reader: "dock", port: "unattributed", place: null, connected: null, reads: 7, filteredUnattributed: 1 },
  ]);
});

test("a reader has a column for each of its counts, and no word of what an older version does not tell", () => {
  const { filteredBy: _by, strays: _strays, antennas: _antennas, ...old } = dock.counts;
  const [now, before] = fileOf("/readers", [dock, { ...dock, counts: old }]);
  const same = { frames: 9, malformed: 1, reads: 20, filtered: 3, observations: 2, pending: 1 };
  expect(now).toMatchObject({ ...same, filteredNoTid: 2, filteredNoRoom: 0, strayFew: 1, strayUndecided: 0 });
  expect(before).toMatchObject({ ...same, filteredNoTid: null, filteredUnattributed: null, strayFew: null });
  expect(antennaRowsOf({ ...dock, counts: old }).map(({ port }) => port)).toEqual(["2", "10"]);
});
