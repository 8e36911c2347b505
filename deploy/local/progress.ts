const reminderIntervalMs = 5_000;

/** What people see while Tagwire starts: one line for each step that is done, and a sign of life every 5 s. */
export interface Progress {
  readonly say: (text: string) => void;
  /** Runs a step; `note` tells what it is doing now. Its result's text stands in the line that closes it. */
  readonly step: <T extends { readonly done: string }>(
    doing: string,
    work: (note: (text: string) => void) => Promise<T>,
  ) => Promise<T>;
}

const secondsSince = (startedAtMs: number): string => ((performance.now() - startedAtMs) / 1000).toFixed(1);

export const openProgress = (write: (line: string) => void): Progress => ({
  say: write,
  step: async (doing, work) => {
    const startedAtMs = performance.now();
    let now = doing;
    const reminder = setInterval(
      () => write(`… ${now} (${secondsSince(startedAtMs)} s)`),
      reminderIntervalMs,
    );
    try {
      const result = await work((text) => {
        now = text;
      });
      write(`✓ ${result.done} (${secondsSince(startedAtMs)} s)`);
      return result;
    } finally {
      clearInterval(reminder);
    }
  },
});
