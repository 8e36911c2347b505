import type { Command } from "../outbox/command.ts";
import { type Around, actKey, actsFor } from "./acts.ts";
import { type OddKind, oddKindOf, oddKinds } from "./kinds.ts";
import { isOpen } from "./progress.ts";
import type { LaneAct } from "./work.ts";

/** Odd scans of one kind about which nothing was done yet, newest first. */
export type LaneGroup = {
  readonly kind: OddKind;
  readonly commands: readonly Command[];
  /** What can be done about all of them at once, where they are several. */
  readonly acts: readonly LaneAct[];
};

/** The lane of one site. */
export type Lane = {
  readonly groups: readonly LaneGroup[];
  /** How many wait for a person. */
  readonly open: number;
  /** What was done, or is under way, newest first. */
  readonly settled: readonly Command[];
};

/** What can be done about each of several scans in the same way. */
export const actsOfAll = (commands: readonly Command[], around: Around): readonly LaneAct[] => {
  const [first, ...rest] = commands;
  if (first === undefined || rest.length === 0) return [];
  const others = rest.map((command) => new Set(actsFor(command, around).map(actKey)));
  return actsFor(first, around).filter((act) => others.every((keys) => keys.has(actKey(act))));
};

/** The act of a scan that means the same as another's. */
export const sameAct = (command: Command, act: LaneAct, around: Around): LaneAct | undefined =>
  actsFor(command, around).find((own) => actKey(own) === actKey(act));

const newestFirst = (one: Command, other: Command): number => other.order - one.order;

/** What the lane of a site shows of everything that is odd on this device. */
export const laneOf = (commands: readonly Command[], site: string, around: Around): Lane => {
  const here = commands.filter((command) => command.site === site && oddKindOf(command) !== undefined);
  const open = here.filter(isOpen);
  const groups = oddKinds.flatMap((kind): LaneGroup[] => {
    const of = open.filter((command) => oddKindOf(command) === kind).sort(newestFirst);
    return of.length === 0 ? [] : [{ kind, commands: of, acts: actsOfAll(of, around) }];
  });
  const settled = here
    .filter((command) => !isOpen(command))
    .sort((one, other) => (other.lane?.atMs ?? 0) - (one.lane?.atMs ?? 0));
  return { groups, open: open.length, settled };
};

/** Which classes were scanned lately, most of them first: a tag that nobody knows is likely one of them. */
export const classesLately = (classes: readonly (string | undefined)[]): readonly string[] => {
  const counts = new Map<string, number>();
  for (const name of classes) if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one).map(([name]) => name);
};
