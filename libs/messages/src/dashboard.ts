import Type, { type Static } from "typebox";
import { Crew } from "./classes.ts";
import { Instant } from "./ids.ts";
import { itemStatuses } from "./item-statuses.ts";

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * Counts of items. `ready`, `out` (on contract), `inService`, `missing` and `ended` are the groups, and come to `total`. `ready` is what is at
 * hand, and comes in three parts: only what is ready to rent is `available`. What is `staged` is promised to a contract, and a tag that is
 * `provisioned` was made and is on no thing yet.
 */
const counts = {
  total: Type.Integer({ description: "ready, out, inService, missing and ended together" }),
  ready: Type.Integer({ description: "at hand: available, staged and provisioned together" }),
  available: Type.Integer({ description: "ready to rent, and nothing else" }),
  staged: Type.Integer({ description: "at hand, and put aside for a contract" }),
  provisioned: Type.Integer({ description: "tags that were made and are on no thing yet" }),
  out: Type.Integer({ description: "on contract: on rent or delivered" }),
  inService: Type.Integer({ description: "inspect, repair, wash or wet" }),
  missing: Type.Integer(),
  ended: Type.Integer({ description: "sold or retired" }),
};

/** Counts of items alone. */
export const ItemCounts = Type.Object(counts);
export type ItemCounts = Static<typeof ItemCounts>;

export const DashboardTotals = Type.Object({ ...counts, quarantined: Type.Integer() });
export type DashboardTotals = Static<typeof DashboardTotals>;

/** What a class is called and where it belongs, once somebody has said so. */
export const ClassAbout = Type.Object({
  name: nullable(Type.String()),
  shortName: nullable(Type.String()),
  category: nullable(Type.String()),
  subcategory: nullable(Type.String()),
  crew: Crew,
});
export type ClassAbout = Static<typeof ClassAbout>;

/** The counts of a class, with what it is called where they are read with it. */
export const ClassRow = Type.Object({
  class: Type.String(),
  ...counts,
  ...Type.Partial(ClassAbout).properties,
});
export type ClassRow = Static<typeof ClassRow>;

/** One minute of scanning; `minute` is its start. `lag` is from the device's scan to operations' record. */
export const MinuteRow = Type.Object({
  minute: Type.String(),
  scans: Type.Integer(),
  rejected: Type.Integer(),
  quarantined: Type.Integer(),
  lagMsSum: Type.Number(),
  lagMsMax: Type.Number(),
});
export type MinuteRow = Static<typeof MinuteRow>;

export const Lag = Type.Object({
  p50Ms: Type.Union([Type.Number(), Type.Null()]),
  p95Ms: Type.Union([Type.Number(), Type.Null()]),
  maxMs: Type.Union([Type.Number(), Type.Null()]),
  samples: Type.Integer(),
  windowMinutes: Type.Integer(),
});
export type Lag = Static<typeof Lag>;

export const dashboardMinutes = 60;

export const Dashboard = Type.Object({
  site: Type.String(),
  epoch: Type.Integer(),
  pos: Type.Integer(),
  asOf: Instant,
  totals: DashboardTotals,
  statuses: Type.Record(Type.Enum(itemStatuses), Type.Integer()),
  classes: Type.Array(ClassRow),
  minutes: Type.Array(MinuteRow),
  lag: Lag,
});
export type Dashboard = Static<typeof Dashboard>;

/**
 * The live dashboard view is a few keyed rows: `totals` ({@link DashboardTotals}), `statuses`, `class:<name>` ({@link ClassRow},
 * the counts alone), `about:<name>` ({@link ClassAbout}), `minute:<instant>` ({@link MinuteRow}) and `lag` ({@link Lag}). The last two are of a
 * window of time and say how they age.
 */
export const dashboardKey = {
  totals: "totals",
  statuses: "statuses",
  lag: "lag",
  class: (name: string): string => `class:${name}`,
  about: (name: string): string => `about:${name}`,
  minute: (minute: string): string => `minute:${minute}`,
} as const;
