/** What counts as now when it is asked how busy the gateway is, in ms. */
export const paceWindowMs = 100;

/** How much of the time goes into sending changes, of all views together. */
export type Pace = {
  readonly spend: (ms: number) => void;
  /** How long the next frame of a stream may wait, in ms: between the least and the most, as far as the gateway is busy. */
  readonly restMs: (gather: { readonly least: number; readonly most: number }) => number;
};

/**
 * An idle gateway sends each change at once. One that does nothing but send gathers changes for as long as it may, so that more
 * clients cost larger frames and not more of them; between the two it is in proportion, and no change ever waits for a timer that
 * has no reason. `nowMs` is the clock.
 */
export const openPace = (nowMs: () => number = () => performance.now()): Pace => {
  let spentMs = 0;
  let spentAtMs = nowMs();
  const decay = () => {
    const now = nowMs();
    spentMs *= Math.exp((spentAtMs - now) / paceWindowMs);
    spentAtMs = now;
  };
  return {
    spend: (ms) => {
      decay();
      spentMs += ms;
    },
    restMs: ({ least, most }) => {
      decay();
      return least + (most - least) * Math.min(1, spentMs / paceWindowMs);
    },
  };
};
