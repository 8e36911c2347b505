import type { PullVerdict, RfidproDataset } from "@tagwire/messages";
import type { PullOutcome } from "../actors/rows.ts";
import type { Manifest } from "../archive/manifest.ts";

/** How a run ended, in a word and in words for whoever asked for it. */
export type RunEnd = {
  readonly state: "done" | "cancelled";
  readonly verdict: PullVerdict;
  readonly why: string;
};

const nouns: Readonly<Record<RfidproDataset, string>> = {
  classes: "rental classes",
  items: "items",
  transactions: "scans",
};

/** Whatever becomes of a pull, this is true of it, and what people ask first. */
const unchanged = "Nothing was changed in RFIDpro.";

const numbers = new Intl.NumberFormat("en-US");

const inAll = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

const countOf = ({ dataset, rows, since }: PullOutcome): string =>
  `${numbers.format(rows)} ${nouns[dataset]}${since === null ? "" : ` that RFIDpro took since ${since.slice(0, 16).replace("T", " ")} UTC`}`;

const lackOf = ({ dataset, rows, total, why }: PullOutcome): string => {
  const of = total === null ? "" : ` of ${numbers.format(total)}`;
  return `of ${nouns[dataset]}, ${numbers.format(rows)}${of} were read${why === null ? "" : `: ${why}`}`;
};

/** Of all data sets together: one that is not whole makes the run partial, unless nothing at all came. */
export const verdictOf = (outcomes: readonly PullOutcome[]): PullVerdict => {
  const has = (verdict: PullVerdict) => outcomes.some((one) => one.verdict === verdict);
  if (outcomes.every(({ verdict }) => verdict === "failed")) return "failed";
  if (has("failed") || has("partial")) return "partial";
  return has("unstable") ? "unstable" : "complete";
};

const sentence = (text: string): string => {
  const whole = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
};

/** How a pull ended that came to its end by itself. */
export const endOf = (outcomes: readonly PullOutcome[]): RunEnd => {
  const verdict = verdictOf(outcomes);
  const lacking = outcomes.filter((one) => one.verdict !== "complete");
  if (verdict === "complete") {
    const counts = inAll(outcomes.map(countOf));
    return { state: "done", verdict, why: `Complete: ${counts} were read, each once. ${unchanged}` };
  }
  const lacks = sentence(lacking.map(lackOf).join("; "));
  const heads = {
    partial: "Not complete: what is missing in it is no news.",
    unstable: "Not reliable: rows moved while they were read, each time. Start it again at a quieter time.",
    failed: "Failed: nothing could be read.",
  } as const;
  return { state: "done", verdict, why: `${heads[verdict]} ${lacks} ${unchanged}` };
};

/** How a pull ended that somebody ended. */
export const cancelledEnd = (by: string): RunEnd => ({
  ...{ state: "cancelled", verdict: "partial" },
  why: `Cancelled by ${by}. What had been read until then is in the archive, and is not compared. ${unchanged}`,
});

/** How a pull ended whose process is being stopped. */
export const stoppedEnd: RunEnd = {
  ...{ state: "done", verdict: "partial" },
  why: `Not complete: the service was stopped while it read. Start it again. ${unchanged}`,
};

/** How a pull ended whose process is gone, and with which nobody goes on. */
export const lostEnd: RunEnd = {
  ...{ state: "done", verdict: "failed" },
  why: `Failed: the process that read died, and what it had read is not archived. Start it again. ${unchanged}`,
};

/** How a pull ended with which another process has gone on, so often. */
export const goneOn = (end: RunEnd, times: number): RunEnd =>
  times === 0
    ? end
    : {
        ...end,
        why: `${end.why} It was cut off ${times === 1 ? "once" : `${times} times`}, and gone on with where it stood.`,
      };

/** How a pull ended by what its manifest says. */
export const endOfManifest = ({ state, verdict, why }: Manifest): RunEnd => ({
  state: state === "cancelled" ? "cancelled" : "done",
  ...{ verdict, why },
});

/** How a pull ended whose result could not be kept. */
export const unkeptEnd = (reason: string): RunEnd => ({
  ...{ state: "done", verdict: "failed" },
  why: `Failed: what was read could not be kept (${reason}). Start it again when that is mended. ${unchanged}`,
});

/** How a pull ended of which everything is kept but the last file of the archive, which is laid there when that can be written. */
export const unsealed = (end: RunEnd): RunEnd => ({
  ...end,
  why: `${end.why} Its manifest could not be written into the archive yet, and is tried again.`,
});
