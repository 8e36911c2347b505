import { readStored, store } from "../stored.ts";

const storedKey = "tagwire.clockOffset";
/** A page that was opened without a server goes on with what the one before it knew. */
let offsetMs = Number(readStored(storedKey) ?? 0) || 0;

/**
 * Server clock minus this clock as the last answer that names the time told it, in ms: good to half of the time that the answer took, and known
 * before the first tick of the live connection. 0 when the two agree as far as can be seen.
 */
export const roughClockOffsetMs = (): number => offsetMs;

/**
 * Compares the server's clock (an ISO time) with this one.
 *
 * @param sentAtMs when the question left, by this clock, in ms since 1970; its answer has just been heard.
 */
export const compareClocks = (serverTime: string, sentAtMs: number): void => {
  const heardAtMs = Date.now();
  const differenceMs = Date.parse(serverTime) - (sentAtMs + heardAtMs) / 2;
  if (Number.isNaN(differenceMs)) return;
  // What the way there and back could explain is no reason to distrust the device.
  offsetMs = Math.abs(differenceMs) > heardAtMs - sentAtMs ? Math.round(differenceMs) : 0;
  store(storedKey, String(offsetMs));
};
