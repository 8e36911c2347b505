/** Shorter than the lease: a process that froze while writing cannot hold the lease's row when its time is over. */
export const writeTimeoutMs = 2_500;
