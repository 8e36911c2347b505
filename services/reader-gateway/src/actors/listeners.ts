import type { Lateness } from "./lateness.ts";

/** When a reader heard nothing, in ms; until it is back, without end. */
type DeafSpan = { readonly fromMs: number; untilMs: number };

/** One reader of a site, and the places that it hears. */
type Listener = {
  places: ReadonlySet<string>;
  /** After how long a tag has departed that none of its antennas hears, in ms. */
  departMs: number;
  /** When it was lost, or was not there yet: in order, apart from each other, and the last one may not be over. */
  readonly deaf: DeafSpan[];
};

/** Who listens at the places of a site: its readers, each by its own {@link Lateness}. */
export type Listeners = Map<Lateness, Listener>;

/** A reader that is lost for longer is not waited for, in ms: as long as the longest pause before it is tried again. */
export const deafMsMax = 30_000;
/** Cuts of a reader that are remembered: at the shortest pause before it is tried again, more than fill {@link deafMsMax}. */
const deafSpansMax = 64;

const isDeaf = ({ deaf }: Listener): boolean => deaf.at(-1)?.untilMs === Number.POSITIVE_INFINITY;

/** Who listens, where, and for how long a tag may be silent there. */
export type Listening = {
  readonly who: Lateness;
  readonly places: ReadonlySet<string>;
  readonly departMs: number;
  readonly nowMs: number;
};

/** A reader listens at these places from now on. Gives the places at which it did, and nobody does any more. */
export const listenAt = (listeners: Listeners, { who, places, departMs, nowMs }: Listening): Set<string> => {
  const known = listeners.get(who);
  const before = known?.places ?? new Set<string>();
  const deaf = known?.deaf ?? [{ fromMs: nowMs, untilMs: Number.POSITIVE_INFINITY }];
  listeners.set(who, { places, departMs, deaf });
  const heard = new Set([...listeners.values()].flatMap((one) => [...one.places]));
  return new Set([...before].filter((place) => !heard.has(place)));
};

/** After how long a tag has departed wherever it was, in ms. */
export const longestDepartMs = (listeners: Listeners): number =>
  Math.max(0, ...[...listeners.values()].map(({ departMs }) => departMs));

/** A reader has heard tags: from now on its silence says something. */
export const hears = (listeners: Listeners, who: Lateness, nowMs: number): void => {
  const span = listeners.get(who)?.deaf.at(-1);
  if (span !== undefined && span.untilMs > nowMs) span.untilMs = nowMs;
};

/** A reader hears nothing any more, until it is back. */
export const goesDeaf = (listeners: Listeners, who: Lateness, nowMs: number): void => {
  const listener = listeners.get(who);
  if (listener === undefined || isDeaf(listener)) return;
  listener.deaf.push({ fromMs: nowMs, untilMs: Number.POSITIVE_INFINITY });
  if (listener.deaf.length > deafSpansMax) listener.deaf.shift();
};

/**
 * For how long a reader could not hear what was at a place, within a span; of longer than {@link deafMsMax} in all that much. Whoever else
 * listens there says nothing of it: a tag that this one heard last may lie where no other hears it. One that does not listen there any more
 * is not waited for.
 */
export const wasDeafMs = (
  listeners: Listeners,
  { who, place }: { readonly who: Lateness; readonly place: string },
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): number => {
  const listener = listeners.get(who);
  if (listener?.places.has(place) !== true) return 0;
  let deafMs = 0;
  for (const span of listener.deaf)
    deafMs += Math.max(0, Math.min(untilMs, span.untilMs) - Math.max(fromMs, span.fromMs));
  return Math.min(deafMs, deafMsMax);
};
