/** Waits for `work` or for the abort, whichever is first; true when it was the abort. Work that goes on alone is not waited for. */
export const untilAborted = async (work: Promise<unknown>, signal: AbortSignal): Promise<boolean> => {
  if (signal.aborted) {
    work.catch(() => {});
    return true;
  }
  const { promise: aborted, resolve } = Promise.withResolvers<true>();
  const onAbort = (): void => resolve(true);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work.then(() => false), aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
};
