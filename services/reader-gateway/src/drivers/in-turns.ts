import { setImmediate } from "node:timers/promises";
import { Fault } from "@tagwire/messages";

/** So many tags, or events, are heard before the other readers have their turn: some milliseconds of work. */
export const portionMax = 250;

/**
 * Does work that says where it can be left for a moment, and leaves it there to whoever waits.
 *
 * @throws Fault `reader.deaf` when nobody listens any more (`isOver`) and the work is not done.
 */
export const inTurns = async <T>(work: Generator<void, T>, isOver: () => boolean): Promise<T> => {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    await setImmediate();
    if (isOver()) throw new Fault("reader.deaf", "");
  }
};
