import type { Connection } from "./connection.ts";

/** How often a connection is asked for a sign of life, and proxies are shown one, in ms. */
export const lifeIntervalMs = 15_000;
/** Who has given none for so long is gone, in ms. A slow line may need most of it for what the system's own buffers hold. */
export const silenceMsMax = 60_000;

export type Life = {
  /** The other side said something. */
  readonly heard: () => void;
  readonly stop: () => void;
};

/**
 * A cut cable closes nothing by itself: `end` is called for who is silent too long.
 *
 * `ask` says something that is answered, like a ping. It waits behind whatever a slow reader still has to take, so that reader
 * lives as long as it takes something. `answers` is false where nothing can be answered: then it is enough that nothing waits.
 */
export const watchLife = (
  { takenBytes, hasBacklog }: Pick<Connection, "takenBytes" | "hasBacklog">,
  { ask, answers, end }: { ask: () => void; answers: boolean; end: () => void },
): Life => {
  let livedAtMs = performance.now();
  let taken = takenBytes();
  let wasBehind = hasBacklog();

  const look = () => {
    const before = taken;
    taken = takenBytes();
    const isTaking = wasBehind && taken > before;
    wasBehind = hasBacklog();
    if (isTaking || (!answers && !wasBehind)) livedAtMs = performance.now();
    if (performance.now() - livedAtMs < silenceMsMax) return ask();
    clearInterval(timer);
    end();
  };
  const timer = setInterval(look, lifeIntervalMs);
  return {
    heard: () => {
      livedAtMs = performance.now();
    },
    stop: () => clearInterval(timer),
  };
};
