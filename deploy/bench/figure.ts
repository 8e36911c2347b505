/** A number that was measured several times: the middle one of the rounds, and how far they lie apart. */
export type Figure = {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
};

/** The value below which `share` (0 … 1) of the samples lie: the nearest one, none made up. */
export const quantile = (samples: readonly number[], share: number): number => {
  if (samples.length === 0) throw new RangeError("no samples, no quantile");
  const sorted = [...samples].sort((a, b) => a - b);
  const index = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1));
  return sorted[index] ?? Number.NaN;
};

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

export const figureOf = (rounds: readonly number[]): Figure => ({
  median: median(rounds),
  min: Math.min(...rounds),
  max: Math.max(...rounds),
  rounds: rounds.length,
});

export type Target = {
  /** In words, as it was promised. */
  readonly text: string;
  readonly isMet: boolean;
};

/** One line of the result: what this machine can do at best, what the product does, and one over the other. */
export type Row = {
  readonly measurement: string;
  readonly what: string;
  readonly unit: string;
  readonly floor?: Figure;
  readonly product: Figure;
  readonly target?: Target;
  /** What else was seen, in words. */
  readonly note?: string;
};

export const ratioOf = ({ floor, product }: Row): number | undefined =>
  floor === undefined ? undefined : product.median / floor.median;

/** How long `work` takes, in ms. */
export const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};

/** Runs `one` so many times, one after the other, and gives how long each took, in ms. */
export const timedEach = async (
  count: number,
  one: (index: number) => Promise<unknown>,
): Promise<number[]> => {
  const samples: number[] = [];
  for (let index = 0; index < count; index += 1) samples.push(await timed(() => one(index)));
  return samples;
};
