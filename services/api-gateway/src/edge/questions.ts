import { ask, type Bus } from "@tagwire/bus";
import { Fault, type Question } from "@tagwire/messages";
import type { Static, TSchema } from "typebox";

/** Asks, unless the bus is known to be away: then the answer is `bus.unreachable` at once instead of a timeout. */
export const inquire = <Q extends TSchema, A extends TSchema>(
  bus: Bus,
  question: Question<Q, A>,
  body: Static<Q>,
  options: { timeoutMs?: number } = {},
): Promise<Static<A>> => {
  checkBus(bus);
  return ask(bus, question, body, options);
};

/** @throws Fault `bus.unreachable` */
export const checkBus = (bus: Bus): void => {
  if (!bus.isConnected()) throw new Fault("bus.unreachable", "");
};
