import type { LineLimits } from "../line/line.ts";

/** The bounds of a conversation with a UHFReader, in ms. */
export type UhfLimits = LineLimits & {
  /** How long a round lasts; the reader takes it in steps of 100 ms, 3 at least. */
  readonly roundMs: number;
  /** A round that is over says so; one that has said nothing for so long beyond its time is over without it. */
  readonly roundGraceMs: number;
  /** A reader in its active mode speaks without end; after so long it is asked for a round all the same. */
  readonly roundMaxMs: number;
  /** An antenna that was not there is tried again after so long. */
  readonly antennaRetryMs: number;
};

/** The longest frame lasts 270 ms at 9600 baud. */
export const uhfLimits: UhfLimits = {
  answerTimeoutMs: 1_500,
  halfFrameMs: 250,
  roundMs: 300,
  roundGraceMs: 400,
  roundMaxMs: 5_000,
  antennaRetryMs: 30_000,
};
