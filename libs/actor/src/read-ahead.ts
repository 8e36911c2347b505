import type { LoggedEvent, Position } from "@tagwire/messages";

/** A stretch of a site's log, dense and in order, and where the log ended when it was read. */
export type LogPage = {
  readonly epoch: number;
  readonly head: number;
  readonly events: readonly LoggedEvent[];
};

/** Read and not yet taken: with it the log is read on while what came before is applied, and memory stays bounded. */
const eventsAheadMax = 3_000;

/** Pages of one epoch that follow each other, as one. */
const joined = (pages: readonly LogPage[], first: LogPage): LogPage => ({
  epoch: first.epoch,
  head: pages.at(-1)?.head ?? first.head,
  events: pages.flatMap(({ events }) => events),
});

/**
 * Reads a log from a position on until its end, ahead of whoever takes it: a page at once when he waits, everything that
 * gathered when he was busy. Ends when its reader does; what cannot be read is thrown after what was read before it.
 */
export const readAhead = async function* (
  read: (after: Position) => Promise<LogPage>,
  from: Position,
): AsyncGenerator<LogPage> {
  let pages: LogPage[] = [];
  let ended = false;
  let failure: { readonly error: unknown } | undefined;
  let arrived: () => void = () => {};
  let taken: () => void = () => {};
  const isFull = () => pages.reduce((sum, { events }) => sum + events.length, 0) >= eventsAheadMax;

  const readAll = async () => {
    let after = from;
    while (!ended) {
      const page = await read(after);
      pages.push(page);
      arrived();
      const last = page.events.at(-1);
      if (last === undefined || last.pos >= page.head) return;
      after = { epoch: page.epoch, pos: last.pos };
      if (isFull())
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
        const end = pages.findIndex(({ epoch }) => epoch !== first.epoch);
        const run = pages.slice(0, end < 0 ? pages.length : end);
        pages = pages.slice(run.length);
        taken();
        yield joined(run, first);
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
