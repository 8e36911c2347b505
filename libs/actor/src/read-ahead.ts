import type { LoggedEvent, Position } from "@tagwire/messages";

/** A stretch of a site's log, dense and in order, and where the log ended when it was read. */
export type LogPage = {
  readonly epoch: number;
  readonly head: number;
  readonly events: readonly LoggedEvent[];
};

/**
 * How much is taken at once, in events: more while it is applied quickly, because what an item went through within a run is
 * written once; less when it takes long, because a run is one transaction and that has a limit.
 */
export const runLimits = { first: 1_000, max: 6_000, step: 1_000, targetMs: 500, shrink: 0.5 } as const;

/** Pages of one epoch that follow each other, as one. */
const joined = (pages: readonly LogPage[], first: LogPage): LogPage => ({
  epoch: first.epoch,
  head: pages.at(-1)?.head ?? first.head,
  events: pages.flatMap(({ events }) => events),
});

const countOf = (pages: readonly LogPage[]): number =>
  pages.reduce((sum, { events }) => sum + events.length, 0);

/** The first pages that are of one epoch and together within the limit; one, however large it is. */
const nextRun = (pages: readonly LogPage[], first: LogPage, eventsMax: number): LogPage[] => {
  const run = [first];
  let events = first.events.length;
  for (const page of pages.slice(1)) {
    events += page.events.length;
    if (page.epoch !== first.epoch || events > eventsMax) break;
    run.push(page);
  }
  return run;
};

/**
 * Reads a log from a position on until its end, ahead of whoever takes it: a page at once when he waits, what gathered when he
 * was busy. Ends when its reader does; what cannot be read is thrown after what was read before it. At most two runs of
 * the greatest size are in memory: the one that is taken and what is read for the next.
 */
export const readAhead = async function* (
  read: (after: Position) => Promise<LogPage>,
  from: Position,
  nowMs: () => number = () => performance.now(),
): AsyncGenerator<LogPage> {
  let runMax: number = runLimits.first;
  let pages: LogPage[] = [];
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  let arrived: () => void = () => {};
  let taken: () => void = () => {};
  const readAll = async () => {
    let after = from;
    while (!ended) {
      const page = await read(after);
      pages.push(page);
      arrived();
      const last = page.events.at(-1);
      if (last === undefined || last.pos >= page.head) return;
      after = { epoch: page.epoch, pos: last.pos };
      if (countOf(pages) >= runLimits.max)
        await new Promise<void>((resolve) => {
          taken = resolve;
        });
    }
  };
  void readAll()
    .catch((error: unknown) => {
      failure = { error };
    })
    .finally(() => {
      ended = true;
      arrived();
    });

  try {
    for (;;) {
      const [first] = pages;
      if (first !== undefined) {
        const run = nextRun(pages, first, runMax);
        pages = pages.slice(run.length);
        taken();
        const givenAtMs = nowMs();
        yield joined(run, first);
        runMax =
          nowMs() - givenAtMs > runLimits.targetMs
            ? runMax * runLimits.shrink
            : Math.min(runLimits.max, runMax + runLimits.step);
      } else if (ended) {
        if (failure !== undefined) throw failure.error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
    }
  } finally {
    ended = true;
    taken();
  }
};
