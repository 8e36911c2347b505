/** Why something failed, down to what the system itself said: a failed request says "fetch failed" of every reason. */
export const reasonsOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  return [error.message, ...(inner === undefined ? [] : [reasonsOf(inner)])].filter(Boolean).join(": ");
};

/** A line in the demo's log, with its time. */
export const note = (text: string): void =>
  void process.stderr.write(`${new Date().toISOString()} ${text}\n`);
