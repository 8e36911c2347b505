import type { LineLimits } from "../line/line.ts";

/** The bounds of a conversation with a TSL reader, in ms. */
export type TslLimits = LineLimits & {
  /** From the command to the end of a round; many tags take their time. */
  readonly roundTimeoutMs: number;
  /** From the beginning of a round to that of the next, at least: a handheld does not burn its battery for what nobody could follow. */
  readonly roundEveryMs: number;
  readonly batteryEveryMs: number;
  /** Below this the battery is told, in percent. */
  readonly batteryLowPercent: number;
  readonly farewellMs: number;
};

export const tslLimits: TslLimits = {
  answerTimeoutMs: 2_000,
  halfFrameMs: 500,
  roundTimeoutMs: 10_000,
  roundEveryMs: 50,
  batteryEveryMs: 60_000,
  batteryLowPercent: 15,
  farewellMs: 500,
};
