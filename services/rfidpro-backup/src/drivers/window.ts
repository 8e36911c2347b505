import type { RfidproDataset } from "@tagwire/messages";
import { rawText } from "../actors/raw-field.ts";
import type { Capability, RawRow } from "../actors/rows.ts";
import type { Filter, Sort } from "./client.ts";
import { orderFields } from "./fields.ts";

/** Rows that RFIDpro took so long before `since` are asked for again: one may become visible after another that is newer. In ms. */
export const overlapMs = 60 * 60_000;
/** No row should be newer than RFIDpro's clock by more than this, in ms. */
const aheadMsMax = 5 * 60_000;

/** What is asked for, in RFIDpro's own time. */
export type Window = {
  /** Null where everything is. */
  readonly sinceMs: number | null;
  readonly untilMs: number;
  readonly filters: readonly Filter[];
  readonly sorts: readonly Sort[];
};

/** As RFIDpro writes an instant, in UTC. */
export const serverText = (atMs: number): string =>
  new Date(atMs).toISOString().slice(0, 19).replace("T", " ");

/**
 * What time it is at most by RFIDpro's own clock and by ours, in whole seconds as RFIDpro's rows have them. The next pull begins there, so
 * the earlier of the two is taken: a clock that is behind costs rows that are read twice, one that is ahead would cost rows.
 */
export const cursorMs = (serverMs: number | null, ownMs: number): number =>
  Math.floor(Math.min(serverMs ?? ownMs, ownMs) / 1_000) * 1_000;

/** Transactions alone have a time that no device can set. A scan's own time is neither cursor nor order: it may come days late. */
export const isWindowed = (dataset: RfidproDataset, { filter }: Capability): boolean =>
  dataset === "transactions" && filter;

const sortsOf = (dataset: RfidproDataset, { sort }: Capability): Sort[] =>
  sort ? orderFields[dataset].map((field) => ({ field, direction: "asc" })) : [];

/**
 * The window of a pull. A `since` that is later than RFIDpro's own clock leads nowhere, so everything is asked for.
 *
 * Where the filter is honoured nothing that comes during the pull is in it: a set that stands still can be counted.
 */
export const chooseWindow = (
  dataset: RfidproDataset,
  capability: Capability,
  { since, untilMs }: { readonly since: Date | null; readonly untilMs: number },
): Window => {
  const [field] = orderFields[dataset];
  const canFilter = isWindowed(dataset, capability);
  const isUsable = since !== null && !Number.isNaN(since.getTime()) && since.getTime() <= untilMs;
  const sinceMs = canFilter && isUsable ? since.getTime() - overlapMs : null;
  const filters: Filter[] = [];
  if (sinceMs !== null) filters.push({ field, operator: "gt", value: serverText(sinceMs) });
  if (canFilter) filters.push({ field, operator: "lt", value: serverText(untilMs) });
  return { sinceMs, untilMs, filters, sorts: sortsOf(dataset, capability) };
};

/** Finds rows that are newer than the clock by which a window ends: there should be none. */
export const beyond = ({ filters, untilMs }: Window): Filter[] =>
  filters
    .filter(({ operator }) => operator === "lt")
    .map(({ field }) => ({ field, operator: "gt", value: serverText(untilMs + aheadMsMax) }));

/** The same window without its end. */
export const leftOpen = (window: Window): Window => ({
  ...window,
  filters: window.filters.filter(({ operator }) => operator === "gt"),
});

/** Whether every row is one that was asked for. */
export const isWithin = ({ filters }: Window, rows: readonly RawRow[]): boolean =>
  rows.every((row) =>
    filters.every(({ field, operator, value }) => {
      const own = rawText(row, field);
      return operator === "gt" ? own > value : own < value;
    }),
  );
