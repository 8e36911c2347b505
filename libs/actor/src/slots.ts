/** Lets so many work at the same time; the others begin in the order in which they came. */
export type Slots = { readonly run: <T>(work: () => Promise<T>) => Promise<T> };

export const createSlots = (count: number): Slots => {
  const waiting: (() => void)[] = [];
  let free = count;
  const take = async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  };
  // Handed on rather than given back, so that nobody who comes now gets in before those who wait.
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    run: async (work) => {
      await take();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
};
