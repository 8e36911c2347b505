/** Sends a signal to a process that may have ended since it was seen, or be somebody else's: whoever cares looks again. */
export const sendSignal = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended between the look and the blow.
  }
};
