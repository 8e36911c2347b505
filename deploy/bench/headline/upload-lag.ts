import { quantile } from "../figure.ts";
import type { Upload } from "./month.ts";

/** What was measured in the real house, of rows. */
const measured = "111 s, 443 s, 40 min, 91 min; 21.7 %, 8.5 %, 2.2 %";
/** The four huge counts of the real house are in none of its delays. */
const rowsMeasuredMax = 1_000;

const span = (ms: number): string =>
  ms < 1_000_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const wordsOf = (delaysMs: readonly number[]): string => {
  const over = (ms: number) => percent(delaysMs.filter((delayMs) => delayMs > ms).length / delaysMs.length);
  const at = [0.5, 0.75, 0.9, 0.95].map((share) => span(quantile(delaysMs, share))).join(", ");
  return `${at}; ${[600_000, 3_600_000, 86_400_000].map(over).join(", ")}`;
};

/**
 * How many uploads there are, and how many of them came from devices that were out of reach. Each counts once: whoever heard no answer and
 * sends all of it again is later by that alone.
 */
export const countLate = (
  uploads: readonly (Pick<Upload, "webAtMs" | "again"> & {
    readonly act: Pick<Upload["act"], "happenedAtMs">;
  })[],
): { readonly uploads: number; readonly late: number } => {
  const first = uploads.filter(({ again }) => !again);
  return {
    uploads: first.length,
    late: first.filter(({ webAtMs, act }) => webAtMs > act.happenedAtMs).length,
  };
};

/** How late the uploads of a month are, beside what was measured: half, three quarters, 90 and 95 of a hundred; over ten minutes, an hour, a day. */
export const lagWords = (uploads: readonly Pick<Upload, "act" | "again">[]): string => {
  const first = uploads.filter(({ again }) => !again).map(({ act }) => act);
  const byUploads = first.map(({ atMs, happenedAtMs }) => atMs - happenedAtMs);
  const byRows = first
    .filter(({ scans }) => scans.length <= rowsMeasuredMax)
    .flatMap(({ atMs, happenedAtMs, scans }) => scans.map(() => atMs - happenedAtMs));
  let newestMs = 0;
  let overtaken = 0;
  for (const { happenedAtMs } of first) {
    if (happenedAtMs < newestMs) overtaken += 1;
    newestMs = Math.max(newestMs, happenedAtMs);
  }
  return `uploads waited (p50, p75, p90, p95; over ten minutes, an hour, a day) ${wordsOf(byUploads)}, their rows ${wordsOf(byRows)}; measured of real rows: ${measured}. ${percent(overtaken / Math.max(1, first.length))} of the uploads come after what happened later; measured: 13.5 %`;
};
