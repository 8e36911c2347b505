import type { Random } from "./random.ts";

const minuteMs = 60_000;
const hourMs = 3_600_000;

/**
 * Server minus device, as measured on real rows: the share of rows that are not later than so many ms. Median 111 s, 75 % within 443 s,
 * 78.3 % within ten minutes, 90 % within 40 minutes, 91.5 % within an hour, 95 % within 91 minutes, 2.2 % over a day, up to four days.
 */
const quantiles: readonly (readonly [number, number])[] = [
  [0, 2_000],
  [0.5, 111_000],
  [0.75, 443_000],
  [0.783, 10 * minuteMs],
  [0.9, 40 * minuteMs],
  [0.915, hourMs],
  [0.95, 91 * minuteMs],
  [0.978, 24 * hourMs],
  [1, 96 * hourMs],
];

/** The longest delay there is, in ms. */
export const uploadDelayMsMax = 96 * hourMs;

/** The delay that so large a share of rows does not exceed, in ms. */
const delayAt = (share: number): number => {
  const upper = quantiles.findIndex(([part]) => part > share);
  const [toShare, toMs] = quantiles[upper] ?? [1, uploadDelayMsMax];
  const [fromShare, fromMs] = quantiles[upper - 1] ?? [0, 0];
  return fromMs + ((share - fromShare) / (toShare - fromShare)) * (toMs - fromMs);
};

/** How long after a session its upload comes, in ms, whatever came before. */
export const drawUploadDelay = (random: Random): number => delayAt(random.share());

/** The steps of the distribution: which share waits for longer than `fromMs`, and not longer than `toMs`. */
const steps = quantiles.slice(1).map(([toShare, toMs], index) => {
  const [fromShare, fromMs] = quantiles[index] ?? [0, 0];
  return { share: toShare - fromShare, fromMs, toMs };
});
/** Whoever hands in within an hour was near a network all the time, or soon after: these steps, and longer ones. */
const nearSteps = steps.filter(({ toMs }) => toMs <= hourMs).length;
/** From an upload being begun to its being there, in ms: none is faster. */
const leastMs = 2_000;
/** After so long without a session nobody remembers when devices handed in, in ms. */
const quietMs = 6 * hourMs;
const timesKeptMax = 1_000;

/**
 * When sessions are uploaded. They come to wait as long as was measured: whichever step of the distribution has too few of them is the next one,
 * so that a single month has the shape of the whole. Who is near waits for the time at which all that are near hand in, and these come in order;
 * who is not comes alone. So about as many come after others which happened later as was measured, 13.5 %.
 */
export const openUploadTimes = (random: Random, speed: number) => {
  const counts = steps.map(() => 0);
  let counted = 0;
  /** When those that are near hand in, Unix ms. */
  let times: number[] = [];

  /** The longest of these steps that has too few, more or less. */
  const lackingOf = (from: number, to: number): number | undefined => {
    for (let step = to - 1; step >= from; step -= 1) {
      const lacks = (steps[step]?.share ?? 0) * (counted + 1) - (counts[step] ?? 0);
      if (lacks > 2 * random.share()) return step;
    }
    return undefined;
  };
  const nextTime = (atMs: number): number => {
    const last = times.at(-1) ?? Number.NEGATIVE_INFINITY;
    if (last < atMs - quietMs / speed) times = [atMs - 1];
    for (let lastMs = times.at(-1) ?? atMs; lastMs < atMs; lastMs = times.at(-1) ?? atMs) {
      // Who comes between two times waits for the second: a gap as long as a step brings some into it, and some into each that is shorter.
      const step = lackingOf(1, nearSteps) ?? 0;
      times.push(lastMs + ((steps[step]?.toMs ?? 0) - leastMs) / speed);
    }
    times = times.slice(-timesKeptMax);
    return times.find((timeMs) => timeMs >= atMs) ?? atMs;
  };

  return {
    /** When the upload of a session comes that happened then, Unix ms. */
    of: (happenedAtMs: number): number => {
      const alone = steps[lackingOf(nearSteps, steps.length) ?? -1];
      const delayMs =
        alone === undefined
          ? (nextTime(happenedAtMs) - happenedAtMs) * speed + leastMs
          : alone.fromMs + random.share() * (alone.toMs - alone.fromMs);
      const step = steps.findIndex(({ toMs }) => delayMs <= toMs);
      counts[step] = (counts[step] ?? 0) + 1;
      counted += 1;
      return happenedAtMs + delayMs / speed;
    },
  };
};
