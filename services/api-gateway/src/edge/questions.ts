import { ask, type Bus, defaultRequestTimeoutMs } from "@tagwire/bus";
import { Fault, type Question } from "@tagwire/messages";
import type { Static, TSchema } from "typebox";

/** How long we look for somebody who answers. A hand-over takes a moment. */
export const answererWaitMsMax = 4_000;
const retryDelayMsMin = 50;
const retryDelayMsMax = 500;

/** Nobody was there, or whoever was found that another has taken over: either way nothing was applied. */
const unheard: ReadonlySet<string> = new Set(["unavailable", "lease.lost"]);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** @throws Fault `bus.unreachable` when the bus is known to be away: at once, instead of a timeout. */
export const checkBus = (bus: Bus): void => {
  if (!bus.isConnected()) throw new Fault("bus.unreachable", "");
};

/**
 * Tries again while nobody is there to answer: what was never heard can be said again, whatever it asks for.
 *
 * @throws Fault `unavailable` after {@link answererWaitMsMax}; `bus.unreachable`; whatever else `attempt` throws.
 */
export const untilHeard = async <T>(bus: Bus, attempt: () => Promise<T>): Promise<T> => {
  const giveUpAtMs = performance.now() + answererWaitMsMax;
  for (let delayMs = retryDelayMsMin; ; delayMs = Math.min(retryDelayMsMax, delayMs * 2)) {
    checkBus(bus);
    try {
      return await attempt();
    } catch (error) {
      const isUnheard = error instanceof Fault && unheard.has(error.code);
      if (!isUnheard || performance.now() + delayMs > giveUpAtMs) throw error;
    }
    await pause(delayMs);
  }
};

/** Asks something of a service that changes what it keeps: see {@link untilHeard}. `timeoutMs` is for what takes longer than usual. */
export const instruct = <Q extends TSchema, A extends TSchema>(
  bus: Bus,
  question: Question<Q, A>,
  body: Static<Q>,
  timeoutMs = defaultRequestTimeoutMs,
): Promise<Static<A>> => untilHeard(bus, () => ask(bus, question, body, { timeoutMs }));

/**
 * Asks a declared question that changes nothing: see {@link untilHeard}.
 *
 * @throws Fault `unavailable` also when no answer came in time: nothing was applied, so there is no outcome to be unknown.
 */
export const inquire = async <Q extends TSchema, A extends TSchema>(
  bus: Bus,
  question: Question<Q, A>,
  body: Static<Q>,
): Promise<Static<A>> => {
  try {
    return await instruct(bus, question, body);
  } catch (cause) {
    const isUnanswered = cause instanceof Fault && cause.code === "outcome_unknown";
    throw isUnanswered ? new Fault("unavailable", "no answer came in time", { cause }) : cause;
  }
};
