/** Wakes whoever naps. A ring while nobody naps ends the next nap at once, so none is missed. */
export type Bell = {
  readonly ring: () => void;
  /** Until the next ring, or so many ms. Says whether it was a ring. */
  readonly nap: (ms: number) => Promise<boolean>;
};

export const createBell = (): Bell => {
  let rung = false;
  let wake: () => void = () => {};
  return {
    ring: () => {
      rung = true;
      wake();
    },
    nap: async (ms) => {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (rung) resolve();
        else timer = setTimeout(resolve, ms);
      });
      clearTimeout(timer);
      wake = () => {};
      const wasRung = rung;
      rung = false;
      return wasRung;
    },
  };
};
