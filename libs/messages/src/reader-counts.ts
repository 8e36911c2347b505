import Type, { type Static } from "typebox";
import { strayReasons } from "./observations.ts";

/**
 * Why a read becomes no observation: no item can have such a tag, nobody wants it, it came without the number of its chip where that
 * is what tells tags apart, or there are more tags than windows and nowhere to put it, or somebody tested the reader, or it was held when
 * its process was killed and is lost.
 */
export const filterRules = ["impossible", "unwanted", "no_tid", "no_room", "test", "lost"] as const;
export type FilterRule = (typeof filterRules)[number];

/** What no antenna accounts for: it was counted before antennas were, or under a port that no reader has. */
export const unattributed = "unattributed";

const countEach = <const Name extends string>(names: readonly Name[], description: string) =>
  Type.Partial(
    Type.Object(
      Object.fromEntries(names.map((name) => [name, Type.Integer()])) as Record<
        Name,
        ReturnType<typeof Type.Integer>
      >,
      { description },
    ),
  );

const FilteredBy = countEach(
  [...filterRules, unattributed],
  "filtered by rule, which sum up to it; what was filtered before rules were counted is unattributed. Rules that filtered nothing are left out",
);
const Strays = countEach(
  strayReasons,
  "of the observations those that were said as evidence only, by reason, since they are counted. Reasons that there were none of are left out",
);

const shared = {
  reads: Type.Integer(),
  filtered: Type.Integer(),
  held: Type.Integer(),
  observed: Type.Integer(),
  observations: Type.Integer(),
  accepted: Type.Integer(),
  alreadyApplied: Type.Integer(),
  rejected: Type.Integer(),
  quarantined: Type.Integer(),
  pending: Type.Integer(),
};

/**
 * The ledger of one antenna. Reads are its own; an observation is of the antenna that it names, also where others heard the tag too,
 * so `observed` is not what its `observations` carry.
 */
export const AntennaCounts = Type.Object({ ...shared, filteredBy: FilteredBy, strays: Strays });
export type AntennaCounts = Static<typeof AntennaCounts>;

/**
 * The ledger of a reader, all since it was created. It adds up at every moment:
 * `reads = filtered + held + observed`, and `observations = accepted + alreadyApplied + rejected + quarantined + pending`.
 * `observed` counts the reads that went into observations; `held` those still in a smoothing window.
 * Each column is the sum of that column over `antennas`, which add up the same way.
 */
export const ReaderCounts = Type.Object({
  frames: Type.Integer(),
  malformed: Type.Integer(),
  ...shared,
  filteredBy: Type.Optional(FilteredBy),
  strays: Type.Optional(Strays),
  antennas: Type.Optional(
    Type.Record(Type.String(), AntennaCounts, {
      description: `by port, 1 to 64; ${unattributed} is what none of them accounts for, when there is any. Antennas that read nothing yet are left out`,
    }),
  ),
});
export type ReaderCounts = Static<typeof ReaderCounts>;

const columns = Object.keys(shared) as (keyof typeof shared)[];

const totalOf = (counts: Readonly<Record<string, number | undefined>>): number =>
  Object.values(counts).reduce((sum: number, count = 0) => sum + count, 0);

const brokenIn = (of: string, counts: Omit<ReaderCounts, "frames" | "malformed" | "antennas">): string[] => {
  const { reads, filtered, held, observed, observations, filteredBy, strays = {} } = counts;
  const { accepted, alreadyApplied, rejected, quarantined, pending } = counts;
  // An older version that takes what a newer one kept says so of the reader only, and what is unattributed lacks as many.
  const mayLack = of === `antenna ${unattributed}` ? "pending" : undefined;
  const counted = columns.filter((column) => column !== mayLack).map((column) => counts[column]);
  const parts = [...counted, ...Object.values(strays)];
  const decided = accepted + alreadyApplied + rejected + quarantined;
  return [
    ...(reads === filtered + held + observed ? [] : [`${of}: reads`]),
    ...(observations === decided + pending ? [] : [`${of}: observations`]),
    ...(filteredBy === undefined || filtered === totalOf(filteredBy) ? [] : [`${of}: filtered`]),
    ...(totalOf(strays) <= observations ? [] : [`${of}: strays`]),
    ...(parts.every((count) => count >= 0) ? [] : [`${of}: less than none`]),
  ];
};

const brokenAcross = (counts: ReaderCounts, antennas: readonly AntennaCounts[]): string[] => {
  const isSum = (whole: number, of: (antenna: AntennaCounts) => number | undefined): boolean =>
    whole === antennas.reduce((sum, antenna) => sum + (of(antenna) ?? 0), 0);
  const { filteredBy = {}, strays = {} } = counts;
  return [
    ...columns.filter((column) => !isSum(counts[column], (antenna) => antenna[column])),
    ...([...filterRules, unattributed] as const).filter(
      (rule) => !isSum(filteredBy[rule] ?? 0, (antenna) => antenna.filteredBy[rule]),
    ),
    ...strayReasons.filter((reason) => !isSum(strays[reason] ?? 0, (antenna) => antenna.strays[reason])),
  ].map((column) => `antennas: ${column}`);
};

/** Which of the sums that a ledger promises do not hold, in total, of each antenna and across them; none at any moment. */
export const brokenSums = (counts: ReaderCounts): string[] => {
  const { antennas } = counts;
  return [
    ...brokenIn("reader", counts),
    ...Object.entries(antennas ?? {}).flatMap(([port, antenna]) => brokenIn(`antenna ${port}`, antenna)),
    ...(antennas === undefined ? [] : brokenAcross(counts, Object.values(antennas))),
  ];
};
