import { setTimeout as wait } from "node:timers/promises";
import { ask, type Bus } from "@tagwire/bus";
import { Fault, type Question } from "@tagwire/messages";
import type { Static, TSchema } from "typebox";

/** Who has died since is never heard from; whoever is only slow has longer at each try, */
const firstTryMsDefault = 5_000;
const tryMsMax = 20_000;
/** and nobody is asked any more after so long. */
const askedWithinMs = 30_000;
const betweenTriesMs = 250;

/**
 * Asks a question that changes nothing, and asks again while nobody answers: whoever was asked may just have died, and another one is
 * there within seconds. An audit goes on then, and does not wait for an answer that never comes.
 *
 * @throws Fault when nobody answers for half a minute, or what was asked is refused
 */
export const askAgain = async <Q extends TSchema, A extends TSchema>(
  bus: Bus,
  question: Question<Q, A>,
  body: Static<Q>,
  { firstTryMs = firstTryMsDefault }: { readonly firstTryMs?: number } = {},
): Promise<Static<A>> => {
  const giveUpAtMs = performance.now() + askedWithinMs;
  for (let timeoutMs = firstTryMs; ; timeoutMs = Math.min(tryMsMax, timeoutMs * 2)) {
    try {
      return await ask(bus, question, body, { timeoutMs });
    } catch (error) {
      if (!(error instanceof Fault) || !error.retryable || performance.now() > giveUpAtMs) throw error;
      await wait(betweenTriesMs);
    }
  }
};
