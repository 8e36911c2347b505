import type { Random } from "../random.ts";

/** Puts things into an order that depends on the seed alone (Fisher and Yates). */
export const shuffled = <T>(random: Random, things: readonly T[]): T[] => {
  const all = [...things];
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = random.whole(0, at);
    [all[at], all[other]] = [all[other] as T, all[at] as T];
  }
  return all;
};

/**
 * So many of each as their real counts say, in an order of the seed: not about as many, so that what a program counts can be compared
 * with what the real data held. What is rare stays out of a small house.
 */
export const quota = <T>(random: Random, count: number, weights: readonly (readonly [T, number])[]): T[] => {
  const sum = weights.reduce((total, [, weight]) => total + weight, 0);
  let given = 0;
  let weighed = 0;
  const all = weights.flatMap(([value, weight]) => {
    weighed += weight;
    const upTo = Math.round((weighed / sum) * count);
    const share = Array.from({ length: upTo - given }, () => value);
    given = upTo;
    return share;
  });
  return shuffled(random, all);
};

/** Which of so many are meant: indexes, each once. */
export const someOf = (random: Random, from: number, count: number): Set<number> =>
  new Set(
    shuffled(
      random,
      Array.from({ length: from }, (_, index) => index),
    ).slice(0, count),
  );
