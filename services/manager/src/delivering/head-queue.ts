import type { Head } from "../store/webhook-deliveries.ts";

/** So many first deliveries are looked up at once. */
export const headsMax = 100;

/** The first deliveries of keys, looked up many at a time because the look costs more than one of them is worth. */
export type HeadQueue = {
  /** Takes at most so many that are due. `version` is that of the endpoint: what was looked up under another one is forgotten. */
  readonly take: (count: number, version: number) => Promise<readonly Head[]>;
  /** How long nothing else is due, in ms; infinite when nothing else waits. */
  readonly idleMs: () => number;
};

export const createHeadQueue = (look: (limit: number) => Promise<readonly Head[]>): HeadQueue => {
  let queue: Head[] = [];
  let seen: number | undefined;
  let idleMs = 0;
  return {
    take: async (count, version) => {
      // Somebody has decided something: what is first, or wanted at all, may be another now.
      if (seen !== version) queue = [];
      seen = version;
      if (queue.length === 0) {
        const heads = await look(headsMax);
        queue = heads.filter(({ dueInMs }) => dueInMs <= 0);
        idleMs = heads.find(({ dueInMs }) => dueInMs > 0)?.dueInMs ?? Number.POSITIVE_INFINITY;
      }
      return queue.splice(0, count);
    },
    idleMs: () => (queue.length > 0 ? 0 : idleMs),
  };
};
