import { retryDelayMs } from "../live/back-off.ts";

/** Scans in one request, at first and at most. */
export const capFirst = 25;
export const capMax = 500;
/** How many more are tried after a full request that was answered in time. */
const capStep = 25;
/** A request that takes longer than this, in ms, carries too much. */
export const targetMs = 400;
const slowerBy = 0.7;

/**
 * How much is sent at once, and how soon again. Nothing waits for more to come: what gathers is what is captured while a request is on its way.
 * A fixed large size with a timeout is sent for ever on a slow link; this one finds what gets through.
 */
export type Pace = { readonly cap: number; readonly failures: number };
export const firstPace: Pace = { cap: capFirst, failures: 0 };

/**
 * After a request that was answered. A long way makes every answer slow, however little is sent: no less than at first is sent for that
 * alone, and what was halved to find something comes back to it.
 */
export const answered = ({ cap }: Pace, { size, tookMs }: { size: number; tookMs: number }): Pace => {
  if (cap < capFirst) return { cap: Math.min(capFirst, cap * 2), failures: 0 };
  if (tookMs > targetMs) return { cap: Math.max(capFirst, Math.floor(cap * slowerBy)), failures: 0 };
  return { cap: size >= cap ? Math.min(capMax, cap + capStep) : cap, failures: 0 };
};

/** After one that may have been too large: it was not answered in time, or something in it cannot be taken. */
export const halved = (pace: Pace, size: number): Pace => ({
  ...pace,
  cap: Math.max(1, Math.ceil(size / 2)),
});

export const failed = (pace: Pace): Pace => ({ ...pace, failures: pace.failures + 1 });

/** How long to wait after a failure, in ms; at least as long as the server asked. */
export const pauseMs = ({ failures }: Pace, askedMs: number, random: number): number =>
  Math.max(askedMs, retryDelayMs(Math.max(0, failures - 1), random));
