import type { LineLimits } from "../line/line.ts";
import { type HeatLimits, heatLimits } from "./heat.ts";

/** The bounds of a conversation with a ThingMagic module, in ms. */
export type MercuryLimits = LineLimits & {
  /** From leaving the bootloader to the first answer. */
  readonly bootMs: number;
  /** A running read says something every second. After so much silence it has stopped or the module is gone. */
  readonly silentMs: number;
  readonly heat: HeatLimits;
};

/** The longest frame lasts 270 ms at 9600 baud. */
export const mercuryLimits: MercuryLimits = {
  answerTimeoutMs: 1_500,
  halfFrameMs: 250,
  bootMs: 3_000,
  silentMs: 4_000,
  heat: heatLimits,
};
