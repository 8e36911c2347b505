/** Chance that comes again: the same seed throws the same numbers, on every machine. */
export type Dice = {
  /** A whole number from 0 up to, but not with, `below`; 0 when there is nothing to choose from. */
  readonly below: (below: number) => number;
  /** One of them; there is one at least. */
  readonly oneOf: <T>(choices: readonly T[]) => T;
};

/** Mulberry32: 32 bits of state are plenty for choices that nobody has to guess. */
export const throwDice = (seed: number): Dice => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, oneOf: (choices) => choices[below(choices.length)] as (typeof choices)[number] };
};
