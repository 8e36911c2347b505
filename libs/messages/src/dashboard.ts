import Type, { type Static } from "typebox";
import { Crew } from "./classes.ts";
import { Instant } from "./ids.ts";
import { itemStatuses } from "./items.ts";

/** How the statuses are grouped for people: every status is in exactly one group. */
export const statusGroups = {
  ready: ["provisioned", "ready", "staged"],
  out: ["on_rent", "delivered"],
  inService: ["inspect", "repair", "wash", "wet"],
  missing: ["missing"],
  ended: ["sold", "retired"],
} as const;
export type StatusGroup = keyof typeof statusGroups;

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const counts = {
  total: Type.Integer(),
  ready: Type.Integer(),
  out: Type.Integer(),
  inService: Type.Integer(),
  missing: Type.Integer(),
  ended: Type.Integer(),
};

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
 * the counts alone), `about:<name>` ({@link ClassAbout}), `minute:<instant>` ({@link MinuteRow}) and `lag` ({@link Lag}).
 */
export const dashboardKey = {
  totals: "totals",
  statuses: "statuses",
  lag: "lag",
  class: (name: string): string => `class:${name}`,
  about: (name: string): string => `about:${name}`,
  minute: (minute: string): string => `minute:${minute}`,
} as const;
