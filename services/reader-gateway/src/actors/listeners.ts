import type { Lateness } from "./lateness.ts";

/** One reader of a site, and the places that it hears. */
type Listener = {
  places: ReadonlySet<string>;
  /** When it was lost last, or was not there yet. */
  deafSinceMs: number;
  /** When it heard something again; never, while it is away. */
  hearsSinceMs: number;
};

/** Who listens at the places of a site: its readers, each by its own {@link Lateness}. */
export type Listeners = Map<Lateness, Listener>;

/** A reader that is lost for longer is not waited for, in ms: as long as the longest pause before it is tried again. */
export const deafMsMax = 30_000;

/** A reader listens at these places from now on. Gives the places at which it did, and nobody does any more. */
export const listenAt = (
  listeners: Listeners,
  {
    who,
    places,
    nowMs,
  }: { readonly who: Lateness; readonly places: ReadonlySet<string>; readonly nowMs: number },
): Set<string> => {
  const known = listeners.get(who);
  const before = known?.places ?? new Set<string>();
  listeners.set(who, {
    deafSinceMs: known?.deafSinceMs ?? nowMs,
    hearsSinceMs: known?.hearsSinceMs ?? Number.POSITIVE_INFINITY,
    places,
  });
  const heard = new Set([...listeners.values()].flatMap((one) => [...one.places]));
  return new Set([...before].filter((place) => !heard.has(place)));
};

/** A reader has heard tags: from now on its silence says something. */
export const hears = (listeners: Listeners, who: Lateness, nowMs: number): void => {
  const listener = listeners.get(who);
  if (listener !== undefined && listener.hearsSinceMs > nowMs) listener.hearsSinceMs = nowMs;
};

/** A reader hears nothing any more, until it is back. */
export const goesDeaf = (listeners: Listeners, who: Lateness, nowMs: number): void => {
  const listener = listeners.get(who);
  if (listener === undefined || listener.hearsSinceMs === Number.POSITIVE_INFINITY) return;
  listener.deafSinceMs = nowMs;
  listener.hearsSinceMs = Number.POSITIVE_INFINITY;
};

/** For how long nobody could hear what was at a place, within a span; of longer than {@link deafMsMax} that much. */
export const wasDeafMs = (
  listeners: Listeners,
  place: string,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): number => {
  let deafMs = Number.POSITIVE_INFINITY;
  for (const { places, deafSinceMs, hearsSinceMs } of listeners.values()) {
    if (!places.has(place)) continue;
    deafMs = Math.min(deafMs, Math.min(untilMs, hearsSinceMs) - Math.max(fromMs, deafSinceMs));
  }
  return deafMs === Number.POSITIVE_INFINITY ? 0 : Math.min(Math.max(0, deafMs), deafMsMax);
};
