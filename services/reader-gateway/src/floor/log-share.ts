/** So many warnings and unreadable frames of one reader are logged in an hour with their words and bytes. */
export const loggedPerHourMax = 10;
const hourMs = 3_600_000;

/** Says whether one more may be logged. The ledger and the past faults count them all. */
export type LogShare = { readonly take: () => boolean };

/**
 * What one reader may have of the log. It is the reader's and not the connection's: one that speaks another protocol ends each connection soon,
 * and has a new one twice a minute for as long as it is there.
 */
export const createLogShare = (nowMs: () => number = () => performance.now()): LogShare => {
  let sinceMs = nowMs();
  let taken = 0;
  return {
    take: () => {
      if (nowMs() - sinceMs >= hourMs) {
        sinceMs = nowMs();
        taken = 0;
      }
      taken += 1;
      return taken <= loggedPerHourMax;
    },
  };
};
