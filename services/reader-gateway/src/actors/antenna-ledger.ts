import {
  type AntennaCounts,
  type FilterRule,
  filterRules,
  strayReasons,
  unattributed,
} from "@tagwire/messages";
import { antennasMax } from "./health.ts";

export type StrayReason = (typeof strayReasons)[number];

/** The columns of a ledger that are told by antenna, with the rules and reasons in them. Postgres has them under the same names. */
export type AntennaColumn =
  | "reads"
  | "filtered"
  | `filtered.${FilterRule}`
  | "observed"
  | "observations"
  | `stray.${StrayReason}`
  | "accepted"
  | "alreadyApplied"
  | "rejected"
  | "quarantined";

/** What one antenna counted; a column that is not here counted nothing. */
export type AntennaTally = Readonly<Partial<Record<AntennaColumn, number>>>;

/** What antennas counted, by port. */
export type AntennaTallies = Readonly<Record<string, AntennaTally>>;

/** Where everything is counted that comes under a port that no reader has, so that a reader cannot make up ports without end. */
export const noPort = 0;

export const portOf = (antenna: number): number =>
  Number.isInteger(antenna) && antenna >= 1 && antenna <= antennasMax ? antenna : noPort;

const columnsOf = (tally: AntennaTally) => Object.entries(tally) as [AntennaColumn, number][];

const added = (left: AntennaTally, right: AntennaTally): AntennaTally => {
  const sum = { ...left };
  for (const [column, count] of columnsOf(right)) sum[column] = (sum[column] ?? 0) + count;
  return sum;
};

const taken = (left: AntennaTally, right: AntennaTally): AntennaTally => {
  const rest = columnsOf(left).map(([column, count]) => [column, count - (right[column] ?? 0)] as const);
  return Object.fromEntries(rest.filter(([, count]) => count !== 0));
};

export const addTallies = (left: AntennaTallies, right: AntennaTallies): AntennaTallies => {
  const sum = { ...left };
  for (const [port, tally] of Object.entries(right)) sum[port] = added(sum[port] ?? {}, tally);
  return sum;
};

/** All of them together; for many of them, since nothing is copied on the way. */
export const sumOfAll = (all: Iterable<AntennaTallies>): AntennaTallies => {
  const sum: Record<string, { -readonly [Column in keyof AntennaTally]: AntennaTally[Column] }> = {};
  for (const tallies of all)
    for (const [port, tally] of Object.entries(tallies)) {
      sum[port] ??= {};
      const own = sum[port];
      for (const [column, count] of columnsOf(tally)) own[column] = (own[column] ?? 0) + count;
    }
  return sum;
};

/** Takes away what is in `right` of the columns that `left` has. */
export const takeTallies = (left: AntennaTallies, right: AntennaTallies): AntennaTallies => {
  const rest = Object.entries(left).map(([port, tally]) => [port, taken(tally, right[port] ?? {})] as const);
  return Object.fromEntries(rest.filter(([, tally]) => Object.keys(tally).length > 0));
};

export const sumOf = (tallies: AntennaTallies, column: AntennaColumn): number =>
  Object.values(tallies).reduce((sum, tally) => sum + (tally[column] ?? 0), 0);

/** Reads by port, of reads by whatever a reader calls its antennas. */
export const readsByPort = (readsBy: ReadonlyMap<number, number>): AntennaTallies => {
  const byPort: Record<string, AntennaTally> = {};
  for (const [antenna, reads] of readsBy) {
    const port = portOf(antenna);
    byPort[port] = { reads: (byPort[port]?.reads ?? 0) + reads };
  }
  return byPort;
};

const named = <Name extends string>(
  names: readonly Name[],
  countOf: (name: Name) => number,
): Partial<Record<Name, number>> => {
  const counts: Partial<Record<Name, number>> = {};
  for (const name of names) if (countOf(name) !== 0) counts[name] = countOf(name);
  return counts;
};

/** Filtered reads by rule; what no rule accounts for was filtered before rules were counted. */
export const filteredByOf = (tallies: AntennaTallies, filtered: number): AntennaCounts["filteredBy"] => {
  const by = named(filterRules, (rule) => sumOf(tallies, `filtered.${rule}`));
  const rest = filtered - Object.values(by).reduce((sum, count) => sum + count, 0);
  return rest === 0 ? by : { ...by, [unattributed]: rest };
};

export const straysOf = (tallies: AntennaTallies): AntennaCounts["strays"] =>
  named(strayReasons, (reason) => sumOf(tallies, `stray.${reason}`));

/** The columns that a reader has, and each of its antennas. */
export type AddedUp = Omit<AntennaCounts, "filteredBy" | "strays">;

const none: AddedUp = {
  reads: 0,
  filtered: 0,
  held: 0,
  observed: 0,
  observations: 0,
  accepted: 0,
  alreadyApplied: 0,
  rejected: 0,
  quarantined: 0,
  pending: 0,
};
const addedUpColumns = Object.keys(none) as (keyof AddedUp)[];

const countsOfPort = (tally: AntennaTally, held: number): AntennaCounts => {
  const { reads = 0, filtered = 0, observed = 0, observations = 0 } = tally;
  const { accepted = 0, alreadyApplied = 0, rejected = 0, quarantined = 0 } = tally;
  const pending = observations - accepted - alreadyApplied - rejected - quarantined;
  return {
    ...{ reads, filtered, held, observed },
    ...{ observations, accepted, alreadyApplied, rejected, quarantined, pending },
    filteredBy: filteredByOf({ tally }, filtered),
    strays: straysOf({ tally }),
  };
};

/**
 * The counts of each antenna as people see them. What the reader has in `total` beyond all of them is unattributed: it was counted
 * before antennas were, or by a version that did not tell them, or under no port.
 */
export const countsByAntenna = (
  tallies: AntennaTallies,
  held: AntennaTallies,
  total: AddedUp,
): Record<string, AntennaCounts> => {
  const ports = Object.keys({ ...tallies, ...held })
    .filter((port) => Number(port) !== noPort)
    .sort((left, right) => Number(left) - Number(right));
  const byPort: Record<string, AntennaCounts> = {};
  const rest = { ...total };
  for (const port of ports) {
    const counts = countsOfPort(tallies[port] ?? {}, held[port]?.reads ?? 0);
    byPort[port] = counts;
    for (const column of addedUpColumns) rest[column] -= counts[column];
  }
  if (addedUpColumns.every((column) => rest[column] === 0)) return byPort;
  const own = { [noPort]: tallies[noPort] ?? {} };
  byPort[unattributed] = { ...rest, filteredBy: filteredByOf(own, rest.filtered), strays: straysOf(own) };
  return byPort;
};
