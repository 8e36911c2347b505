import { retryDelaysMs } from "../actors/retry-schedule.ts";
import { answerTimeoutMs } from "../drivers/receiver.ts";

/** How fast things go, in ms. Tests of what takes days are given another one. */
export type Pace = {
  readonly retryDelaysMs: readonly number[];
  readonly answerTimeoutMs: number;
  /** How long after a canary the next one is made. */
  readonly canaryEveryMs: number;
  /** How long an endpoint sleeps at most although nothing woke it. */
  readonly napMsMax: number;
};

const secondMs = 1_000;
const hourMs = 3_600_000;

export const realPace: Pace = {
  retryDelaysMs,
  answerTimeoutMs,
  canaryEveryMs: 24 * hourMs,
  napMsMax: 5 * secondMs,
};
