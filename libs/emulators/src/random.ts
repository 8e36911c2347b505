/** A stream of numbers that depends on nothing but its seed, so that a day, a fault and a test can be told again. */
export type Random = {
  /** At least 0, below 1. */
  readonly share: () => number;
  /** A whole number, `from` and `to` included. */
  readonly whole: (from: number, to: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(from: readonly T[]) => T;
  /** Picks by weight; the weights need not add up to anything. */
  readonly weighted: <T>(from: readonly (readonly [T, number])[]) => T;
  /** A stream of its own for one purpose, so that a draw more here changes nothing there. */
  readonly fork: (purpose: string) => Random;
};

/** FNV-1a, 32 bits. */
const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
};

/** Mulberry32: 32 bits of state, even enough for synthetic goods and faults, and the same on every machine. */
const mulberry32 = (seed: number): (() => number) => {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** A share (at least 0, below 1) that depends only on its words: for what is looked up in any order, not drawn in turn. */
export const noise = (...words: readonly (number | string)[]): number => mulberry32(hash(words.join("/")))();

/** A gap between events that come at random with this mean. */
export const drawGap = (random: Random, mean: number): number => -mean * Math.log(1 - random.share());

/** Makes a stream from a seed. */
export const seededRandom = (seed: number | string): Random => {
  const name = String(seed);
  const share = mulberry32(hash(name));
  const whole = (from: number, to: number): number => from + Math.floor(share() * (to - from + 1));
  const pick = <T>(from: readonly T[]): T => {
    if (from.length === 0) throw new RangeError("nothing to pick from");
    return from[whole(0, from.length - 1)] as T;
  };
  const weighted = <T>(from: readonly (readonly [T, number])[]): T => {
    let left = share() * from.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [value, weight] of from) {
      left -= weight;
      if (left < 0) return value;
    }
    return pick(from.map(([value]) => value));
  };
  return {
    share,
    whole,
    pick,
    weighted,
    chance: (probability) => share() < probability,
    fork: (purpose) => seededRandom(`${name}/${purpose}`),
  };
};
