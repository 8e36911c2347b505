import { Fault } from "@tagwire/messages";

export type Turns = {
  /**
   * Waits for a turn and gives the way to end it.
   *
   * @throws Fault `overloaded` when too many wait already; the signal's reason when it says to stop before the turn has come.
   */
  readonly enter: (signal: AbortSignal) => Promise<() => void>;
};

/** Lets so many work at once; the others wait in order, as long as they want to. */
export const openTurns = ({ runningMax, waitingMax }: { runningMax: number; waitingMax: number }): Turns => {
  const waiting = new Set<() => void>();
  let running = 0;

  const turn = () => {
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      const [next] = waiting;
      // The turn is handed on, so the count stays.
      if (next === undefined) running -= 1;
      else next();
    };
  };

  return {
    enter: async (signal) => {
      signal.throwIfAborted();
      if (running < runningMax) {
        running += 1;
        return turn();
      }
      if (waiting.size >= waitingMax) throw new Fault("overloaded", "too many wait already");
      await new Promise<void>((resolve, reject) => {
        const go = () => {
          waiting.delete(go);
          signal.removeEventListener("abort", stop);
          resolve();
        };
        const stop = () => {
          waiting.delete(go);
          reject(signal.reason);
        };
        waiting.add(go);
        signal.addEventListener("abort", stop, { once: true });
      });
      return turn();
    },
  };
};
