import type { Logger } from "@tagwire/service";
import type { PullOutcome } from "../actors/rows.ts";
import { openClient } from "./client.ts";
import { createPace, type TakeTurn } from "./pace.ts";
import { type PullOptions, pullDataset } from "./pull.ts";
import { type RfidproLimits, type RfidproSettings, rfidproLimits } from "./settings.ts";
import { openTransport } from "./transport.ts";

export type RfidproOptions = {
  readonly settings: RfidproSettings;
  readonly log: Logger;
  /** Unix ms; the real time unless told. */
  readonly now?: () => number;
  readonly limits?: Partial<RfidproLimits>;
  /** Whose turn it is to ask; turns of this process alone unless told. */
  readonly takeTurn?: TakeTurn;
};

/** The old system, which is only ever read. */
export type Rfidpro = {
  /**
   * Reads a data set. Whatever RFIDpro does comes back as a verdict with its reason; an error is never an empty list.
   *
   * @throws what `page` or `begun` throws
   */
  readonly pull: (options: PullOptions) => Promise<PullOutcome>;
};

/**
 * Opens RFIDpro; nothing is asked before the first pull.
 *
 * @throws Fault `rfidpro.forbidden` where the settings lead to no address that may be asked
 */
export const openRfidpro = ({ settings, log, now = Date.now, limits, takeTurn }: RfidproOptions): Rfidpro => {
  const own = { ...rfidproLimits, ...limits };
  const transport = openTransport(settings, own);
  const pace = createPace(own.requestsPerSecond, takeTurn);
  const client = openClient({ transport, pace, limits: own, now });
  return { pull: (options) => pullDataset({ client, limits: own, log, now }, options) };
};
