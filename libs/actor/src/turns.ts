import { Fault } from "@tagwire/messages";

/** The size of a turn adapts: it grows while turns are full and quick, and shrinks when they take too long. */
export const turnLimits = {
  weightFirst: 500,
  weightMin: 50,
  weightMax: 5_000,
  weightStep: 250,
  targetMs: 250,
  shrink: 0.7,
  /** What may wait for one key before callers are told to come back. */
  queueWeightMax: 20_000,
} as const;

export type Turns<M, R> = {
  /** Puts a message in the key's mailbox and gives the result of the turn that took it. */
  readonly tell: (key: string, message: M) => Promise<R>;
  /** Refuses what waits for a key and waits for its running turn. */
  readonly drop: (key: string, fault: Fault) => Promise<void>;
  /** Whose mailbox holds anything: something waits, or a turn runs. */
  readonly keys: () => readonly string[];
  readonly waiting: () => number;
  readonly weightCap: () => number;
};

type Waiting<M, R> = {
  readonly message: M;
  readonly weight: number;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
};

type Mailbox<M, R> = { queue: Waiting<M, R>[]; weight: number; running: Promise<void> | undefined };

/**
 * One turn at a time for each key. A turn takes what waits: at once when idle, everything that gathered while the last one
 * was in flight otherwise. Nothing ever waits for a timer.
 *
 * @throws Fault `overloaded` from `tell` when the key's mailbox is full.
 */
export const createTurns = <M, R>(options: {
  readonly weightOf: (message: M) => number;
  /** Decides and commits a batch; one result for each message, in order. A rejection rejects them all. */
  readonly take: (key: string, batch: readonly M[]) => Promise<readonly R[]>;
}): Turns<M, R> => {
  const mailboxes = new Map<string, Mailbox<M, R>>();
  let cap: number = turnLimits.weightFirst;

  const adapt = (weight: number, tookMs: number) => {
    if (tookMs > turnLimits.targetMs)
      cap = Math.max(turnLimits.weightMin, Math.floor(cap * turnLimits.shrink));
    else if (weight >= cap) cap = Math.min(turnLimits.weightMax, cap + turnLimits.weightStep);
  };

  const nextBatch = (box: Mailbox<M, R>): Waiting<M, R>[] => {
    let weight = 0;
    let count = 0;
    for (const waiting of box.queue) {
      if (count > 0 && weight + waiting.weight > cap) break;
      weight += waiting.weight;
      count += 1;
    }
    box.weight -= weight;
    return box.queue.splice(0, count);
  };

  const runOne = async (key: string, batch: Waiting<M, R>[]) => {
    const startedAt = performance.now();
    try {
      const results = await options.take(
        key,
        batch.map(({ message }) => message),
      );
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as R);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    const weight = batch.reduce((sum, waiting) => sum + waiting.weight, 0);
    adapt(weight, performance.now() - startedAt);
  };

  const runAll = async (key: string, box: Mailbox<M, R>) => {
    while (box.queue.length > 0) await runOne(key, nextBatch(box));
    box.running = undefined;
    mailboxes.delete(key);
  };

  return {
    tell: (key, message) =>
      new Promise<R>((resolve, reject) => {
        const box = mailboxes.get(key) ?? { queue: [], weight: 0, running: undefined };
        mailboxes.set(key, box);
        const weight = options.weightOf(message);
        if (box.weight + weight > turnLimits.queueWeightMax && box.queue.length > 0) {
          return reject(new Fault("overloaded", `${box.weight} waiting`));
        }
        box.queue.push({ message, weight, resolve, reject });
        box.weight += weight;
        box.running ??= runAll(key, box);
      }),
    drop: async (key, fault) => {
      const box = mailboxes.get(key);
      if (box === undefined) return;
      for (const { reject } of box.queue.splice(0)) reject(fault);
      box.weight = 0;
      await box.running;
    },
    keys: () => [...mailboxes.keys()],
    waiting: () => [...mailboxes.values()].reduce((sum, box) => sum + box.weight, 0),
    weightCap: () => cap,
  };
};
