import type { Random } from "../random.ts";

/** A quantity that is often small and seldom huge, told by its median, its 90th percentile and its bounds. */
export type LongTail = {
  readonly median: number;
  readonly p90: number;
  readonly min: number;
  readonly max: number;
};

/** The standard normal's 90th percentile. */
const normalP90 = 1.2816;

/** Draws from the log-normal distribution with that median and 90th percentile, cut at its bounds. */
export const drawLongTail = (random: Random, { median, p90, min, max }: LongTail): number => {
  const sigma = Math.log(p90 / median) / normalP90;
  const normal = Math.sqrt(-2 * Math.log(1 - random.share())) * Math.cos(2 * Math.PI * random.share());
  return Math.min(max, Math.max(min, median * Math.exp(sigma * normal)));
};

export const drawCount = (random: Random, tail: LongTail): number => Math.round(drawLongTail(random, tail));

/** A UUID of version 7 for an instant, from the seed. */
export const drawId = (random: Random, unixMs: number): string => {
  const time = Math.max(0, Math.floor(unixMs)).toString(16).padStart(12, "0").slice(-12);
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => random.whole(0, 15).toString(16)).join("");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-${random.pick(["8", "9", "a", "b"])}${hex(3)}-${hex(12)}`;
};

/** Some of them, each once, in the order of the draw. */
export const drawSome = <T>(random: Random, from: readonly T[], count: number): T[] => {
  const left = [...from];
  const drawn: T[] = [];
  while (drawn.length < count && left.length > 0) {
    const index = random.whole(0, left.length - 1);
    const [one] = left.splice(index, 1, left[left.length - 1] as T);
    left.pop();
    drawn.push(one as T);
  }
  return drawn;
};
