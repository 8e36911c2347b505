/** So often at most a smaller input is tried. */
const attemptsMax = 4_000;
const minimiseMsMax = 20_000;

/** The shortest of the inputs that still do it: pieces are left out, halves first, single bytes last; then what is left is made plain. */
export const minimise = (found: Buffer, stillDoes: (bytes: Buffer) => boolean): Buffer => {
  let least = found;
  let attempts = 0;
  const endMs = performance.now() + minimiseMsMax;
  const take = (smaller: Buffer): boolean => {
    attempts += 1;
    if (attempts > attemptsMax || performance.now() > endMs || !stillDoes(smaller)) return false;
    least = smaller;
    return true;
  };
  for (let size = least.length >> 1; size >= 1; size >>= 1) {
    let at = 0;
    while (at < least.length)
      if (!take(Buffer.concat([least.subarray(0, at), least.subarray(at + size)]))) at += size;
  }
  for (let at = 0; at < least.length; at += 1) {
    if (least[at] === 0) continue;
    const plainer = Buffer.from(least);
    plainer[at] = 0;
    take(plainer);
  }
  return least;
};
