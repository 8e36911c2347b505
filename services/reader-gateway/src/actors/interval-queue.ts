/** Things that wait for their interval to end, each with an interval of its own; of few lengths, so that none is looked at in vain. */
export type IntervalQueue<T> = {
  /** Waits from now on, the last of those with its interval. */
  readonly add: (thing: T, intervalMs: number, nowMs: number) => void;
  readonly delete: (thing: T) => void;
  readonly has: (thing: T) => boolean;
  /** Takes out what has waited long enough, the longest waiting of each length first. */
  readonly takeDue: (nowMs: number) => Iterable<T>;
};

export const createIntervalQueue = <T>(): IntervalQueue<T> => {
  const queues = new Map<number, Map<T, number>>();
  const intervals = new Map<T, number>();

  const remove = (thing: T) => {
    const intervalMs = intervals.get(thing);
    if (intervalMs === undefined) return;
    intervals.delete(thing);
    const queue = queues.get(intervalMs);
    queue?.delete(thing);
    if (queue?.size === 0) queues.delete(intervalMs);
  };

  return {
    add: (thing, intervalMs, nowMs) => {
      remove(thing);
      const queue = queues.get(intervalMs) ?? new Map<T, number>();
      queues.set(intervalMs, queue.set(thing, nowMs));
      intervals.set(thing, intervalMs);
    },
    delete: remove,
    has: (thing) => intervals.has(thing),
    *takeDue(nowMs) {
      for (const [intervalMs, queue] of queues) {
        for (const [thing, sinceMs] of queue) {
          if (nowMs - sinceMs < intervalMs) break;
          remove(thing);
          yield thing;
        }
      }
    },
  };
};
