import { agedRow, type flaggedLiveMax } from "@tagwire/messages";
import type { DeltaFrame, LiveChange, LiveRow, LiveView, SnapFrame } from "./protocol.ts";

/** What a client holds of one live view. `rows` is in the order of change: the newest change is the last. */
export type HeldRows = {
  rows: Map<string, LiveRow>;
  epoch: number;
  /** Which build of the rows the snapshot was of, as the server names it: who resumes says so. */
  generation: string | undefined;
  pos: number;
  /** False until the first snapshot is whole. Only then has `pos` a meaning. */
  whole: boolean;
  /** How often everything was replaced: whoever derives from single changes starts again when it moves. */
  snapshots: number;
  filling: { rows: Map<string, LiveRow>; part: number } | undefined;
  /** Deltas that arrived between the parts of a snapshot. */
  early: DeltaFrame[];
};

export type Received = "changed" | "same" | "gap";

/** Deltas that may wait for the rest of a snapshot; more than that and a new snapshot is cheaper. */
export const earlyDeltasMax = 1_000;
/** Events kept for the ticker. The whole log is one request away. */
export const eventsKeptMax = 200;
/** Minutes kept for the chart of an hour, so that a wall display may run for months. */
export const minutesKeptMax = 90;
/** Odd scans kept for their list: as many as the server begins with. */
export const flaggedKeptMax: typeof flaggedLiveMax = 500;
/** Days of each class kept for utilisation, besides the one before them: more than the window that is shown. */
export const classDaysKept = 45;
/** Hours of throughput kept: a day is shown by the hour. */
export const throughputHoursKept = 48;

export const nothingHeld = (): HeldRows => ({
  rows: new Map(),
  epoch: 0,
  generation: undefined,
  pos: 0,
  whole: false,
  snapshots: 0,
  filling: undefined,
  early: [],
});

/**
 * Takes a snapshot part or a delta into what is held, and tells what came of it.
 *
 * `held` is changed in place: copying 12,000 rows for each of 200 changes a second would be most of the work. Apart from
 * that it is a function of its arguments: no clock, no socket. After `"gap"` nothing of the frame was applied, and the
 * caller subscribes again from the held position.
 */
export const receive = (held: HeldRows, frame: SnapFrame | DeltaFrame, view: LiveView): Received =>
  frame.op === "snap" ? receiveSnap(held, frame, view) : receiveDelta(held, frame, view);

const receiveSnap = (held: HeldRows, frame: SnapFrame, view: LiveView): Received => {
  const begun = held.filling !== undefined && frame.part > held.filling.part ? held.filling : undefined;
  // A part that does not follow the one before is the first of a new snapshot: the server began again.
  const filling = begun ?? { rows: new Map<string, LiveRow>(), part: frame.part - 1 };
  if (frame.part !== filling.part + 1) return "gap";
  filling.part = frame.part;
  for (const row of frame.rows) filling.rows.set(row.key, row);
  held.filling = filling;
  if (!frame.last) return "same";

  const { early } = held;
  held.rows = inOrderOfChange(filling.rows);
  held.epoch = frame.epoch;
  held.generation = frame.generation;
  held.pos = frame.pos;
  held.whole = true;
  held.snapshots += 1;
  held.filling = undefined;
  held.early = [];
  trim(held.rows, view);
  for (const delta of early) if (receiveDelta(held, delta, view) === "gap") return "gap";
  return "changed";
};

/*
 * A delta covers everything after `prev` up to `pos`. It leaves a hole only when `prev` is beyond what is held; one that
 * begins earlier merely repeats, and versions make repeats harmless.
 */
const receiveDelta = (held: HeldRows, frame: DeltaFrame, view: LiveView): Received => {
  if (held.filling !== undefined || !held.whole) {
    if (held.early.length >= earlyDeltasMax) return "gap";
    held.early.push(frame);
    return "same";
  }
  if (frame.epoch !== held.epoch) {
    held.whole = false;
    return "gap";
  }
  if (frame.pos <= held.pos && frame.prev < held.pos) return "same";
  if (frame.prev > held.pos) return "gap";
  for (const change of frame.changes) apply(held.rows, change);
  held.pos = Math.max(held.pos, frame.pos);
  trim(held.rows, view);
  return "changed";
};

/**
 * Lets rows age: what is of a window of time says beforehand how it goes on when nothing more is said of it. Gives whether any is another
 * now. `nowMs` is the server's clock.
 */
export const age = (held: HeldRows, nowMs: number): boolean => {
  let changed = false;
  for (const [key, row] of held.rows) {
    const aged = agedRow(row, nowMs);
    if (aged === row) continue;
    changed = true;
    if (aged === undefined) held.rows.delete(key);
    else held.rows.set(key, aged);
  }
  return changed;
};

const apply = (rows: Map<string, LiveRow>, change: LiveChange): void => {
  const known = rows.get(change.key);
  if (known !== undefined && known.version >= change.version) return;
  rows.delete(change.key);
  if ("put" in change) rows.set(change.key, { ...change.put, key: change.key, version: change.version });
};

const posOf = (row: LiveRow): number => (typeof row.pos === "number" ? row.pos : 0);

const inOrderOfChange = (rows: Map<string, LiveRow>): Map<string, LiveRow> =>
  new Map([...rows].sort(([, a], [, b]) => posOf(a) - posOf(b)));

const trim = (rows: Map<string, LiveRow>, view: LiveView): void => {
  if (view === "events") dropOldest(rows, [...excess(rows.keys(), rows.size - eventsKeptMax)]);
  else if (view === "flagged") keepLast(rows, [...rows.keys()].sort(byNumber), flaggedKeptMax);
  else if (view === "lag" || view === "screens") keepLast(rows, [...rows.keys()].sort(), minutesKeptMax);
  else if (view === "dashboard") keepLast(rows, startingWith(rows, "minute:"), minutesKeptMax);
  else if (view === "utilisation") dropOldest(rows, oldClassDays(rows));
  else if (view === "throughput") dropOldest(rows, oldHours(rows));
};

const byNumber = (one: string, other: string): number => Number(one) - Number(other);
const startingWith = (rows: Map<string, LiveRow>, start: string): string[] =>
  [...rows.keys()].filter((key) => key.startsWith(start)).sort();
const keepLast = (rows: Map<string, LiveRow>, inOrder: readonly string[], count: number): void =>
  dropOldest(rows, inOrder.slice(0, Math.max(0, inOrder.length - count)));

/** Days that no window reaches any more: of each class the newest of those stays, since the first day that counts begins as it ended. */
const oldClassDays = (rows: Map<string, LiveRow>): string[] => {
  const days = [...rows.values()].map(({ day }) => String(day)).sort();
  const newest = days.at(-1);
  if (newest === undefined) return [];
  const first = new Date(Date.parse(`${newest}T00:00:00Z`) - classDaysKept * 86_400_000)
    .toISOString()
    .slice(0, 10);
  const before = new Map<string, LiveRow>();
  const old: string[] = [];
  for (const row of [...rows.values()].filter(({ day }) => String(day) < first)) {
    const known = before.get(String(row.class));
    const isNewer = known === undefined || String(known.day) < String(row.day);
    if (known !== undefined) old.push(isNewer ? known.key : row.key);
    if (isNewer) before.set(String(row.class), row);
  }
  return old;
};

const oldHours = (rows: Map<string, LiveRow>): string[] => {
  const hours = [...rows.values()].filter(({ span }) => span === "hour");
  const newestMs = hours.reduce((latest, { start }) => Math.max(latest, Date.parse(String(start))), 0);
  const firstMs = newestMs - throughputHoursKept * 3_600_000;
  return hours.filter(({ start }) => Date.parse(String(start)) < firstMs).map(({ key }) => key);
};

function* excess(keys: Iterable<string>, count: number): Generator<string> {
  let left = count;
  for (const key of keys) {
    if (left-- <= 0) return;
    yield key;
  }
}

const dropOldest = (rows: Map<string, LiveRow>, keys: readonly string[]): void => {
  for (const key of keys) rows.delete(key);
};
