/*
 * Some screens want to know which thing is meant, and nothing should become of it: while one is open, what a scanner reads goes there
 * instead of on record. It stands outside of React, since a scanner is heard by the desk and those screens come late.
 */
type Taker = (tags: readonly string[]) => void;

const takers: Taker[] = [];

/** Takes what is scanned from now on; the answer gives it back. Of several the latest takes it. */
export const divertScans = (take: Taker): (() => void) => {
  takers.push(take);
  return () => void takers.splice(takers.lastIndexOf(take), 1);
};

/** Gives what was scanned to whoever takes it instead of the record. Says whether somebody did. */
export const heardElsewhere = (tags: readonly string[]): boolean => {
  const take = takers.at(-1);
  take?.(tags);
  return take !== undefined;
};
