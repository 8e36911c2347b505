/** Does something again and again, each time after the time before has ended, until stopped. */
export const repeat = (
  work: (isStopping: () => boolean) => Promise<void>,
  { everyMs, failed }: { readonly everyMs: number; readonly failed: (error: unknown) => void },
): { readonly stop: () => Promise<void> } => {
  let isStopping = false;
  let wake: () => void = () => {};
  const run = async () => {
    while (!isStopping) {
      await work(() => isStopping).catch(failed);
      if (isStopping) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, everyMs);
        timer.unref();
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const running = run();
  return {
    stop: async () => {
      isStopping = true;
      wake();
      await running;
    },
  };
};
