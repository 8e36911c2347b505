/** Work that waits for a place, of which there are so many. */
export type Places = {
  /** Does `work` as soon as a place is free, and leaves it when that has ended, well or not; whoever came first has it first. */
  readonly take: <T>(work: () => Promise<T>) => Promise<T>;
};

export const openPlaces = (count: number): Places => {
  let free = count;
  const waiting: (() => void)[] = [];
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    take: async (work) => {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
};
