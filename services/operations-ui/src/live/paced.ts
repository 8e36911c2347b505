/** Runs at once when it has not run for `gapMs`, otherwise once when that time is over. A gap of 0 changes nothing. */
export const paced = (run: () => void, gapMs: number): { run: () => void; cancel: () => void } => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting = false;
  const rest = (): void => {
    timer = undefined;
    if (!waiting) return;
    waiting = false;
    go();
  };
  const go = (): void => {
    timer = setTimeout(rest, gapMs);
    run();
  };
  return {
    run: () => {
      if (gapMs === 0) return run();
      if (timer === undefined) go();
      else waiting = true;
    },
    cancel: () => clearTimeout(timer),
  };
};
