import { Fault } from "@tagwire/messages";
import type { Said } from "./decision.ts";

/**
 * The bus takes 1 MiB with the headers, of which an event has less than 2 kB. What is larger can be committed and never be carried: every
 * later event of its site would wait behind it for ever. So it is refused before it is in the log.
 */
export const eventBytesMax = 1_000_000;
/** What the log puts around that which is said: place, identity, two hashes. */
const sealBytesMax = 2_000;

/** @throws Fault `too_large` when any of it would come to an event that the bus does not take. */
export const refuseTooLarge = (says: readonly Said[]): void => {
  for (const said of says) {
    const bytes = Buffer.byteLength(JSON.stringify(said)) + sealBytesMax;
    if (bytes > eventBytesMax) throw new Fault("too_large", `${said.type} of ${bytes} bytes`);
  }
};
