/**
 * Does something again whenever asked, one run at a time: asked during a run, it runs once more afterwards, however often
 * it was asked. A tag lying on an antenna must not cause a storm of readings.
 */
export const oneAtATime = (
  run: (signal: AbortSignal) => Promise<void>,
): { request: () => void; stop: () => void } => {
  const ended = new AbortController();
  let running = false;
  let again = false;
  const go = async (): Promise<void> => {
    running = true;
    do {
      again = false;
      await run(ended.signal);
    } while (again && !ended.signal.aborted);
    running = false;
  };
  return {
    request: () => {
      if (running) again = true;
      else void go();
    },
    stop: () => ended.abort(),
  };
};
