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

export type Proof = {
  /** Strong reads, of late, within the window that began at `windowSinceMs`. */
  inWindow: number;
  windowSinceMs: number;
  dwellSinceMs: number;
  lastStrongMs: number;
  strongReads: number;
  isProven: boolean;
};

export const newProof = (): Proof => ({
  inWindow: 0,
  windowSinceMs: Number.NEGATIVE_INFINITY,
  dwellSinceMs: Number.NEGATIVE_INFINITY,
  lastStrongMs: Number.NEGATIVE_INFINITY,
  strongReads: 0,
  isProven: false,
});

/** Whether a read is strong enough to prove anything. */
export const isStrong = (rssiDbm: number | null, { minRssiDbm }: ProofRule): boolean =>
  rssiDbm === null || minRssiDbm === null || rssiDbm >= minRssiDbm;

/** Takes strong reads in; says whether they are of a tag that is proven to be there. */
export const addProof = (
  proof: Proof,
  { count, nowMs }: { readonly count: number; readonly nowMs: number },
  { minReads, windowMs, dwellMs, departMs }: ProofRule,
): boolean => {
  const pausedMs = nowMs - proof.lastStrongMs;
  if (pausedMs >= departMs) proof.isProven = false;
  if (pausedMs > windowMs) proof.dwellSinceMs = nowMs;
  if (nowMs - proof.windowSinceMs > windowMs) {
    proof.windowSinceMs = nowMs;
    proof.inWindow = 0;
  }
  proof.lastStrongMs = nowMs;
  proof.inWindow += count;
  proof.strongReads += count;
  if (proof.inWindow >= minReads && nowMs - proof.dwellSinceMs >= dwellMs) proof.isProven = true;
  return proof.isProven;
};
