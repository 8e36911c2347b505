/** Failed sign-ins that one address may make within the window. */
export const failuresMax = 10;
export const windowMs = 60_000;
/** Addresses remembered at once; the oldest is forgotten first. */
const addressesMax = 10_000;

export type SignInLimit = {
  /** How long this address has to wait, in seconds; 0 when it may try. */
  readonly waitSeconds: (address: string) => number;
  readonly failed: (address: string) => void;
};

/** Counts failed sign-ins by address in fixed windows. `nowMs` is the clock. */
export const openSignInLimit = (nowMs: () => number): SignInLimit => {
  const windows = new Map<string, { startedAtMs: number; failures: number }>();
  const current = (address: string) => {
    const known = windows.get(address);
    return known !== undefined && nowMs() - known.startedAtMs < windowMs ? known : undefined;
  };
  return {
    waitSeconds: (address) => {
      const known = current(address);
      if (known === undefined || known.failures < failuresMax) return 0;
      return Math.max(1, Math.ceil((known.startedAtMs + windowMs - nowMs()) / 1_000));
    },
    failed: (address) => {
      const known = current(address) ?? { startedAtMs: nowMs(), failures: 0 };
      known.failures += 1;
      windows.delete(address);
      windows.set(address, known);
      const [oldest] = windows.keys();
      if (windows.size > addressesMax && oldest !== undefined) windows.delete(oldest);
    },
  };
};
