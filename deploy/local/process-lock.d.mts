/** A process that cannot be mistaken for a later one with the same number. `startTicks` is `null` without /proc. */
export interface Holder {
  readonly pid: number;
  readonly startTicks: number | null;
}

export type LockResult =
  | { readonly held: true; readonly tookOver: boolean; readonly release: () => void }
  | { readonly held: false; readonly holder: Holder };

/** Who runs under this number now; `undefined` when nobody does. */
export const identify: (pid: number) => Holder | undefined;

/** True while the very process that was recorded still runs. */
export const stillRuns: (holder: Holder) => boolean;

/** Takes the lock, also from a holder that is gone (`tookOver`), or says who holds it. Never waits. */
export const tryLock: (file: string) => LockResult;
