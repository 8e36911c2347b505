import { setTimeout as wait } from "node:timers/promises";

export interface StopLimits {
  /** The next one is told to stop after this time, even if the one before has not ended yet. */
  readonly handoverMs: number;
  /** When this has passed, whatever still runs is killed. */
  readonly forceAfterMs: number;
  /** A killed process is gone within moments; more patience than this helps nobody. */
  readonly killedWithinMs: number;
}

const limitsDefault: StopLimits = { handoverMs: 750, forceAfterMs: 8_000, killedWithinMs: 1_000 };

export interface Stoppable {
  readonly stop: () => Promise<void>;
}

const atMost = async (work: Promise<unknown>, patienceMs: number): Promise<void> => {
  const tired = new AbortController();
  const timer = wait(patienceMs, undefined, { signal: tired.signal }).catch(() => undefined);
  await Promise.race([work, timer]);
  tired.abort();
};

/**
 * Stops the groups one after the other, and the members of a group in turn: a group begins when all of the one
 * before has ended. After 8 s `kill` is called for what is left; it returns within 9 s in any case.
 */
export const stopInOrder = async (
  groups: readonly (readonly Stoppable[])[],
  kill: () => void,
  { handoverMs, forceAfterMs, killedWithinMs }: StopLimits = limitsDefault,
): Promise<void> => {
  const stopGroup = async (group: readonly Stoppable[]): Promise<void> => {
    const stopping: Promise<unknown>[] = [];
    for (const member of group) {
      const stopped = member.stop().catch(() => undefined);
      stopping.push(stopped);
      await atMost(stopped, handoverMs);
    }
    await Promise.all(stopping);
  };
  const stopAll = async (): Promise<void> => {
    for (const group of groups) await stopGroup(group);
  };
  let ended = false;
  const all = stopAll().then(() => {
    ended = true;
  });
  await atMost(all, forceAfterMs);
  if (ended) return;
  kill();
  await atMost(all, killedWithinMs);
};
