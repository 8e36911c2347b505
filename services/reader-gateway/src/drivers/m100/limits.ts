import type { LineLimits } from "../line/line.ts";

/** The bounds of a conversation with an M100 module, in ms. */
export type M100Limits = LineLimits & {
  /** A running poll says something each round, about every 20 ms. After so much silence its count has run out. */
  readonly roundsOverMs: number;
};

/** Half a frame is as long as a pause inside it may be: at 9600 baud the longest frame lasts 540 ms. */
export const m100Limits: M100Limits = { answerTimeoutMs: 1_500, halfFrameMs: 250, roundsOverMs: 750 };
