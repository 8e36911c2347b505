/** `failed`: something does not work; `warning`: it works, and somebody should look; `skipped`: not looked into, and why. */
export type CheckState = "ok" | "warning" | "failed" | "skipped";

/** One thing that was looked at. */
export type Check = {
  readonly name: string;
  readonly state: CheckState;
  /** What was found, for people. */
  readonly says: string;
  /** What to do about it, where it is not well. */
  readonly advice?: string;
};

export const ok = (name: string, says: string): Check => ({ name, state: "ok", says });
export const skipped = (name: string, says: string): Check => ({ name, state: "skipped", says });
export const warning = (name: string, says: string, advice: string): Check => ({
  ...{ name, state: "warning", says, advice },
});
export const failed = (name: string, says: string, advice: string): Check => ({
  ...{ name, state: "failed", says, advice },
});
