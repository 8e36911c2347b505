import { setTimeout } from "node:timers/promises";
import { Fault, type FaultCode } from "@tagwire/messages";
import type { RfidproLimits } from "./settings.ts";

/** What may be otherwise when it is asked again. */
const passing: ReadonlySet<FaultCode> = new Set<FaultCode>([
  "rfidpro.unreachable",
  "rfidpro.error",
  "rfidpro.busy",
  "rfidpro.garbled",
]);

/** A fault that says when to come back. */
export class ComeLater extends Fault {
  readonly afterMs: number;

  constructor(afterMs: number) {
    super("rfidpro.busy", `RFIDpro asks to come back in ${Math.ceil(afterMs / 1_000)} s`);
    this.afterMs = afterMs;
  }
}

/** Doubles with every try; half of it is drawn, so that those who failed together do not come back together. */
const delayMs = (tried: number, { retryDelayMs, retryDelayMsMax }: RfidproLimits): number =>
  Math.min(retryDelayMsMax, retryDelayMs * 2 ** (tried - 1)) * (0.5 + Math.random() / 2);

/**
 * Does a thing until it succeeds, so many times at most, and gives way where RFIDpro asks for it.
 *
 * @throws Fault the last one, or at once one that would be the same again
 */
export const withTries = async <T>(
  work: () => Promise<T>,
  { limits, signal, triesMax }: { limits: RfidproLimits; signal: AbortSignal; triesMax: number },
): Promise<T> => {
  for (let tried = 1; ; tried += 1) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) throw new Fault("rfidpro.cancelled", "", { cause: error });
      if (!(error instanceof Fault) || !passing.has(error.code) || tried >= triesMax) throw error;
      const askedMs = error instanceof ComeLater ? error.afterMs : 0;
      if (askedMs > limits.retryAfterMsMax) throw error;
      await setTimeout(Math.max(askedMs, delayMs(tried, limits)), undefined, { signal }).catch((cause) => {
        throw new Fault("rfidpro.cancelled", "", { cause });
      });
    }
  }
};
