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

type WatchedReader = Pick<Reader, "id" | "enabled" | "status" | "counts">;

/** Since when a reader takes no inventory, and since when nothing was read, as two watches; a state that is well counts from now. */
const watchReader = ({ id, status, counts }: WatchedReader, before: Watches, nowMs: number) => {
  const lastTurning = lastLook(before, id, nowMs);
  const lastReading = lastLook(before, `${id}/reads`, nowMs);
  const isTurning = status === "inventory" || lastTurning === undefined;
  const isReading = lastReading === undefined || counts.reads !== lastReading.value;
  return {
    turning: { value: 0, sinceMs: isTurning ? nowMs : lastTurning.sinceMs, observedAtMs: nowMs },
    reading: { value: counts.reads, sinceMs: isReading ? nowMs : lastReading.sinceMs, observedAtMs: nowMs },
  };
};

/** Looks at readers. One that people stopped is left alone. */
export const watchReaders = (
  params: ReaderSilentParams,
  readers: readonly WatchedReader[],
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
    const { turning, reading } = watchReader(reader, before, nowMs);
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
  return { watches, sights: new Map([["", { count: 1, subjects: [subject] }]]) };
};
