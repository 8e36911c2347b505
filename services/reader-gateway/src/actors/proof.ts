/**
 * Whether reads prove that a tag is there: strong enough, often enough within a window, for long enough.
 *
 * Once it is proven it stays so until the tag was not read strongly for as long as the depart timeout.
 */
export type ProofRule = {
  /** Weaker reads prove nothing, in dBm; null takes all. A reader that tells no signal strength is believed. */
  readonly minRssiDbm: number | null;
  /** So many strong reads within the window. */
  readonly minReads: number;
  readonly windowMs: number;
  /** From the first strong read to the newest, without a pause of more than the window. */
  readonly dwellMs: number;
  readonly departMs: number;
};

type Recent = { readonly atMs: number; readonly count: number };

export type Proof = {
  /** Strong reads within the window that ends now, the newest last: no more of them than are wanted, and none once it is proven. */
  recent: Recent[];
  dwellSinceMs: number;
  lastStrongMs: number;
  strongReads: number;
  isProven: boolean;
};

export const newProof = (): Proof => ({
  recent: [],
  dwellSinceMs: Number.NEGATIVE_INFINITY,
  lastStrongMs: Number.NEGATIVE_INFINITY,
  strongReads: 0,
  isProven: false,
});

/** Whether a read is strong enough to prove anything. */
export const isStrong = (rssiDbm: number | null, { minRssiDbm }: ProofRule): boolean =>
  rssiDbm === null || minRssiDbm === null || rssiDbm >= minRssiDbm;

/** Takes strong reads in, that were heard at `nowMs`; says whether they are of a tag that is proven to be there. */
export const addProof = (
  proof: Proof,
  { count, nowMs }: { readonly count: number; readonly nowMs: number },
  { minReads, windowMs, dwellMs, departMs }: ProofRule,
): boolean => {
  const pausedMs = nowMs - proof.lastStrongMs;
  if (pausedMs >= departMs) proof.isProven = false;
  if (pausedMs > windowMs) proof.dwellSinceMs = nowMs;
  // What a reader says late does not bring back an instant that is over.
  proof.lastStrongMs = Math.max(proof.lastStrongMs, nowMs);
  proof.strongReads += count;
  if (proof.isProven) return true;
  const recent = [...proof.recent, { atMs: nowMs, count }].filter(({ atMs }) => nowMs - atMs <= windowMs);
  const inWindow = recent.reduce((sum, one) => sum + one.count, 0);
  proof.isProven = inWindow >= minReads && nowMs - proof.dwellSinceMs >= dwellMs;
  // Each of them is one read at least, so that of more than are wanted the oldest can go.
  proof.recent = proof.isProven ? [] : recent.slice(-minReads);
  return proof.isProven;
};
