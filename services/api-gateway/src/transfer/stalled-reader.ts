import type { ServerResponse } from "node:http";

/** The longest that a reader may take nothing of an answer that waits, in ms. */
export const readerIdleMsMax = 60_000;
const looksPerIdle = 4;

/**
 * Cuts the connection of a reader who has stopped reading. An answer is never more than some hundred kilobytes ahead of its reader, so
 * this bounds how long they are held. `isExcused` says when nothing can be expected of the reader.
 */
export const cutStalledReader = (
  response: ServerResponse,
  { idleMsMax, isExcused = () => false }: { idleMsMax: number; isExcused?: () => boolean },
): void => {
  let tookAtMs = performance.now();
  let waiting = response.writableLength;
  const take = () => {
    tookAtMs = performance.now();
  };
  response.on("drain", take);
  const timer = setInterval(() => {
    const isTaking = response.writableLength === 0 || response.writableLength !== waiting;
    waiting = response.writableLength;
    if (isTaking || isExcused()) take();
    else if (performance.now() - tookAtMs >= idleMsMax) response.destroy();
  }, idleMsMax / looksPerIdle);
  response.once("close", () => clearInterval(timer));
};
