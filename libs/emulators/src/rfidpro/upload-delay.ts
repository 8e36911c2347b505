import type { Random } from "../random.ts";

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

/** How long after a session its upload comes, in ms. */
export const drawUploadDelay = (random: Random): number => {
  const share = random.share();
  const upper = quantiles.findIndex(([part]) => part > share);
  const [toShare, toMs] = quantiles[upper] ?? [1, uploadDelayMsMax];
  const [fromShare, fromMs] = quantiles[upper - 1] ?? [0, 0];
  return fromMs + ((share - fromShare) / (toShare - fromShare)) * (toMs - fromMs);
};
