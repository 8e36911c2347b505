import { expect, test } from "vitest";
import { fleetFigures, labelledReadersMax, samplesOf } from "./fleet-figures.ts";
import type { ShownReader } from "./floor/floor.ts";
import { scriptedDrivers } from "./floor/scripted-driver.ts";
import { lifeOf } from "./floor/test-life.ts";

const { life } = lifeOf(scriptedDrivers().drivers);
const dock = life.view(1);

const shown = (id: string, more: Partial<ShownReader["reader"]> = {}): ShownReader => ({
  site: "north",
  reader: { ...dock, id, ...more },
  connections: 3,
  reconnects: 2,
});

/** Every sample of the fleet as `/metrics` tells it. */
const told = (fleet: readonly ShownReader[]) =>
  new Map(
    fleetFigures.flatMap((figure) =>
      samplesOf(figure, fleet).map(({ value, labels: { site, reader, ...labels } }) => {
        const of = [site, reader, ...Object.values(labels)].join(" ");
        return [`${figure.name} ${of}`, value] as const;
      }),
    ),
  );

test("reads are told by rule, observations by outcome and reason, and how the reader is", () => {
  const counts = {
    ...dock.counts,
    ...{ reads: 12, filtered: 5, held: 3, observed: 4, observations: 4 },
    ...{ accepted: 1, alreadyApplied: 1, rejected: 0, quarantined: 1, pending: 1 },
    filteredBy: { unwanted: 4, unattributed: 1 },
    strays: { weak: 2 },
    antennas: undefined,
  };
  const { antennas: _, ...known } = counts;
  const samples = told([
    shown("dock", {
      status: "backoff",
      antennasConnected: { 1: true, 2: false, 4: true },
      clockOffsetMs: -2_500,
      lastReadAt: "2026-01-01T00:00:00.500Z",
      counts: known,
    }),
  ]);
  const expected = {
    "tagwire_reader_reads north dock": 12,
    "tagwire_reader_reads_filtered north dock impossible": 0,
    "tagwire_reader_reads_filtered north dock unwanted": 4,
    "tagwire_reader_reads_filtered north dock unattributed": 1,
    "tagwire_reader_reads_held north dock": 3,
    "tagwire_reader_observations north dock": 4,
    "tagwire_reader_observations_taken north dock accepted": 1,
    "tagwire_reader_observations_taken north dock already_applied": 1,
    "tagwire_reader_observations_taken north dock rejected": 0,
    "tagwire_reader_observations_taken north dock quarantined": 1,
    "tagwire_reader_observations_stray north dock weak": 2,
    "tagwire_reader_pending north dock": 1,
    "tagwire_reader_ledger_broken north dock": 0,
    "tagwire_reader_connections north dock": 3,
    "tagwire_reader_reconnects north dock": 2,
    "tagwire_reader_up north dock": 0,
    "tagwire_reader_phase north dock backoff": 1,
    "tagwire_reader_phase north dock inventory": 0,
    "tagwire_reader_antennas north dock up": 2,
    "tagwire_reader_antennas north dock down": 1,
    "tagwire_reader_clock_offset_seconds north dock": -2.5,
    "tagwire_reader_last_read_timestamp_seconds north dock": 1_767_225_600.5,
  };
  expect(Object.fromEntries(samples)).toMatchObject(expected);
  expect(
    told([shown("dock", { counts: { ...known, held: 4 } })]).get("tagwire_reader_ledger_broken north dock"),
  ).toBe(1);
});

test("a reader that read nothing is not told to have read long ago", () => {
  const names = [...told([shown("dock", { lastReadAt: null })]).keys()];
  expect(names.filter((name) => name.includes("last_read"))).toEqual([]);
});

test("a clock that nobody knows is not told as right", () => {
  const names = [...told([shown("dock"), shown("gate", { clockOffsetMs: 0 })]).keys()];
  expect(names.filter((name) => name.includes("clock"))).toEqual([
    "tagwire_reader_clock_offset_seconds north gate",
  ]);
});

test("so many readers have labels of their own, and the rest is told together", () => {
  const fleet = Array.from({ length: labelledReadersMax + 4 }, (_, index) =>
    shown(`r${index}`, {
      status: index % 2 === 0 ? "inventory" : "stopped",
      clockOffsetMs: index % 2 === 0 ? index : -2 * index,
      counts: { ...dock.counts, reads: 1, held: 1 },
    }),
  );
  const samples = told(fleet);
  const last = labelledReadersMax + 3;
  expect(samples.get(`tagwire_reader_reads north r${labelledReadersMax - 1}`)).toBe(1);
  expect(samples.has(`tagwire_reader_reads north r${labelledReadersMax}`)).toBe(false);
  expect(samples.get("tagwire_reader_reads other other")).toBe(4);
  expect(samples.get("tagwire_reader_phase other other stopped")).toBe(2);
  expect(samples.get("tagwire_reader_clock_offset_seconds other other")).toBe((-2 * last) / 1_000);
  const perReader = samples.size / (labelledReadersMax + 1);
  expect(perReader).toBeLessThan(50);
});
