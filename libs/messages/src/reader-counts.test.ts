import { expect, test } from "vitest";
import { type AntennaCounts, brokenSums, type ReaderCounts } from "./reader-counts.ts";

const antenna: AntennaCounts = {
  ...{ reads: 10, filtered: 3, held: 1, observed: 6 },
  ...{ observations: 5, accepted: 1, alreadyApplied: 1, rejected: 1, quarantined: 1, pending: 1 },
  filteredBy: { impossible: 2, unattributed: 1 },
  strays: { weak: 1 },
};
const twice: ReaderCounts = {
  ...{ frames: 9, malformed: 1 },
  ...{ reads: 20, filtered: 6, held: 2, observed: 12 },
  ...{ observations: 10, accepted: 2, alreadyApplied: 2, rejected: 2, quarantined: 2, pending: 2 },
  filteredBy: { impossible: 4, unattributed: 2 },
  strays: { weak: 2 },
  antennas: { 1: antenna, unattributed: antenna },
};

test("a ledger that adds up has no broken sum, nor one of a version that does not tell antennas", () => {
  const { antennas: _, filteredBy: _by, strays: _strays, ...old } = twice;
  expect(brokenSums(twice)).toEqual([]);
  expect(brokenSums(old)).toEqual([]);
});

test("what an older version took is lacking in what is unattributed, and nowhere else", () => {
  const lacking = { ...antenna, accepted: 3, pending: -1 };
  const counts = { ...twice, accepted: 4, pending: 0 };
  expect(brokenSums({ ...counts, antennas: { 1: antenna, unattributed: lacking } })).toEqual([]);
  expect(brokenSums({ ...counts, antennas: { 1: antenna, 2: lacking } })).toEqual([
    "antenna 2: less than none",
  ]);
});

test.each<{ what: string; counts: ReaderCounts; broken: string[] }>([
  { what: "a read in no column", counts: { ...twice, held: 1 }, broken: ["reader: reads", "antennas: held"] },
  {
    what: "an observation in two columns",
    counts: { ...twice, accepted: 3 },
    broken: ["reader: observations", "antennas: accepted"],
  },
  {
    what: "a rule that filtered more than was filtered",
    counts: { ...twice, filteredBy: { impossible: 5, unattributed: 2 } },
    broken: ["reader: filtered", "antennas: impossible"],
  },
  {
    what: "more strays than observations",
    counts: { ...twice, strays: { weak: 11 } },
    broken: ["reader: strays", "antennas: weak"],
  },
  {
    what: "an antenna that does not add up though all of them do",
    counts: {
      ...twice,
      antennas: {
        1: { ...antenna, held: 3, observed: 4 },
        unattributed: { ...antenna, held: -1, observed: 8 },
      },
    },
    broken: ["antenna unattributed: less than none"],
  },
  {
    what: "an antenna that is missing",
    counts: { ...twice, antennas: { 1: antenna } },
    broken: [
      ...["reads", "filtered", "held", "observed", "observations"].map((column) => `antennas: ${column}`),
      ...["accepted", "alreadyApplied", "rejected", "quarantined", "pending"].map(
        (column) => `antennas: ${column}`,
      ),
      ...["impossible", "unattributed", "weak"].map((name) => `antennas: ${name}`),
    ],
  },
])("$what is told", ({ counts, broken }) => {
  expect(brokenSums(counts)).toEqual(broken);
});
