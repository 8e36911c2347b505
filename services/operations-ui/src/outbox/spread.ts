import { paced } from "../live/paced.ts";

/** A scan by hand is shown at once, a burst so often, in ms: to draw it takes a slow tablet longer than a tag takes to come. */
export const toldEveryMs = 100;

/** A state that is read when somebody asks for it, and whose changes are told together. */
export const spread = <T>(read: () => T) => {
  const listeners = new Set<() => void>();
  let state = read();
  let isStale = false;
  const telling = paced(() => {
    for (const listener of listeners) listener();
  }, toldEveryMs);
  return {
    subscribe: (listener: () => void): (() => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** Always the newest, also between two tellings. */
    get: (): T => {
      if (isStale) state = read();
      isStale = false;
      return state;
    },
    /** Something of it has changed. */
    tell: (): void => {
      isStale = true;
      telling.run();
    },
  };
};
