import type { AlertSubject, Reader, ReaderSilentParams, ThresholdParams } from "@tagwire/messages";
import type { Sight } from "./alert.ts";
import { isOverThreshold } from "./threshold.ts";

/**
 * What is remembered of something that has to last for a while before it is an alert: a value, and since when it is as it is.
 * After a longer time without a look nobody knows what was meanwhile, so it counts from the next look.
 */
export type Watch = { readonly value: number; readonly sinceMs: number; readonly observedAtMs: number };
export type Watches = ReadonlyMap<string, Watch>;

/** Two looks that are further apart than this do not belong together, in ms. */
export const lookGapMsMax = 120_000;

export type Watched = {
  readonly watches: Watches;
  /** What is found, by group. */
  readonly sights: ReadonlyMap<string, Sight>;
};

const minuteMs = 60_000;
const iso = (atMs: number): string => new Date(atMs).toISOString();

const lastLook = (watches: Watches, key: string, nowMs: number): Watch | undefined => {
  const known = watches.get(key);
  return known === undefined || nowMs - known.observedAtMs > lookGapMsMax ? undefined : known;
};

/**
 * The last look, or, of what an alert is about, the last one that there was: what nobody looked at for a while is not over by that, and
 * whoever took the alert up would be told of it anew.
 */
const lastOf = (watches: Watches, key: string, { nowMs, isHeld }: { nowMs: number; isHeld: boolean }) =>
  isHeld ? watches.get(key) : lastLook(watches, key, nowMs);

type WatchedReader = Pick<Reader, "id" | "enabled" | "status" | "counts">;

/** Since when a reader takes no inventory, and since when nothing was read, as two watches; a state that is well counts from now. */
const watchReader = (
  { id, status, counts }: WatchedReader,
  before: Watches,
  look: { readonly nowMs: number; readonly isHeld: boolean },
) => {
  const { nowMs } = look;
  const lastTurning = lastOf(before, id, look);
  const lastReading = lastOf(before, `${id}/reads`, look);
  const isTurning = status === "inventory" || lastTurning === undefined;
  const isReading = lastReading === undefined || counts.reads !== lastReading.value;
  return {
    turning: { value: 0, sinceMs: isTurning ? nowMs : lastTurning.sinceMs, observedAtMs: nowMs },
    reading: { value: counts.reads, sinceMs: isReading ? nowMs : lastReading.sinceMs, observedAtMs: nowMs },
  };
};

/** Looks at readers. One that people stopped is left alone. `held` are those that the rule's alerts are about already. */
export const watchReaders = (
  params: ReaderSilentParams,
  { readers, held }: { readonly readers: readonly WatchedReader[]; readonly held: ReadonlySet<string> },
  before: Watches,
  nowMs: number,
): Watched => {
  const wanted = new Set(params.readers ?? readers.map(({ id }) => id));
  const watches = new Map<string, Watch>();
  const sights = new Map<string, Sight>();
  const isOver = (sinceMs: number, minutes: number) => nowMs - sinceMs >= minutes * minuteMs;
  for (const reader of readers) {
    const { id, enabled, status } = reader;
    if (!enabled || !wanted.has(id)) continue;
    const { turning, reading } = watchReader(reader, before, { nowMs, isHeld: held.has(id) });
    watches.set(id, turning).set(`${id}/reads`, reading);
    const isStanding = isOver(turning.sinceMs, params.minutes);
    if (!isStanding && !isOver(reading.sinceMs, params.minutesWithoutReads ?? Number.POSITIVE_INFINITY))
      continue;
    const sinceMs = isStanding ? turning.sinceMs : reading.sinceMs;
    const subject: AlertSubject = { key: id, since: iso(sinceMs), detail: isStanding ? status : "no reads" };
    sights.set(id, { count: 1, subjects: [subject] });
  }
  return { watches, sights };
};

/** The name of the watch on whoever runs the readers. No reader is called so. */
const readersGateway = "/reader-gateway";

/**
 * Nobody says how the readers are: what is known of each stays, and once that has lasted for as long as a reader may be silent it is a
 * finding about all of the site.
 */
export const watchNoReaders = (
  { minutes }: ReaderSilentParams,
  site: string,
  before: Watches,
  nowMs: number,
): Watched => {
  const sinceMs = lastLook(before, readersGateway, nowMs)?.sinceMs ?? nowMs;
  const watches = new Map([...before, [readersGateway, { value: 0, sinceMs, observedAtMs: nowMs }]]);
  if (nowMs - sinceMs < minutes * minuteMs) return { watches, sights: new Map() };
  const subject = { key: site, since: iso(sinceMs), detail: "the reader-gateway does not answer" };
  return { watches, sights: new Map([["", { count: 1, subjects: [subject] }]]) };
};

/** Looks at a figure. `isHeld` says that the rule's alert is about it already. */
export const watchFigure = (
  params: ThresholdParams,
  { figure, isHeld }: { readonly figure: number | undefined; readonly isHeld: boolean },
  before: Watches,
  nowMs: number,
): Watched => {
  const key = params.figure;
  if (figure === undefined || !isOverThreshold(params, figure, isHeld))
    return { watches: new Map(), sights: new Map() };
  const sinceMs = lastLook(before, key, nowMs)?.sinceMs ?? nowMs;
  const watches = new Map([[key, { value: figure, sinceMs, observedAtMs: nowMs }]]);
  if (!isHeld && nowMs - sinceMs < params.forSeconds * 1_000) return { watches, sights: new Map() };
  const subject: AlertSubject = { key, since: iso(sinceMs), detail: String(figure) };
  // Each step that the figure is over is one more thing that the alert is about, so it grows by it and is told again.
  const steps = (params.steps ?? [])
    .filter((value) => isOverThreshold({ ...params, value }, figure, false))
    .map((value): AlertSubject => ({ ...subject, key: `${key} ${params.comparator} ${value}` }));
  const subjects = [subject, ...steps];
  return { watches, sights: new Map([["", { count: subjects.length, subjects }]]) };
};
