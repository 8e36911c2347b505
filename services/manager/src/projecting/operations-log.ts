import type { LogPage, ProjectionOptions } from "@tagwire/actor";
import { ask, type Bus } from "@tagwire/bus";
import { AskEvents, AskSites, Fault, type Position } from "@tagwire/messages";

const pageEventsMax = 1_000;
const askTimeoutMs = 5_000;
const triesMax = 3;
const retryDelayMs = 200;

const withRetries = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
  for (let tried = 1; ; tried += 1) {
    try {
      return await work();
    } catch (error) {
      const again = error instanceof Fault && error.retryable && tried < triesMax && !signal.aborted;
      if (!again) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryDelayMs * tried));
    }
  }
};

/**
 * The log itself, asked of operations: the authority behind the stream. A few tries each, ended by `signal`; whoever calls
 * starts again later.
 *
 * @throws Fault as operations said it, or because it did not answer.
 */
export const operationsLog = (
  bus: Bus,
  signal: AbortSignal,
): Pick<ProjectionOptions, "readLog" | "listSites"> => {
  const askFor = (site: string, after: Position): Promise<LogPage> =>
    ask(
      bus,
      AskEvents,
      { site, epoch: after.epoch, after: after.pos, limit: pageEventsMax },
      { timeoutMs: askTimeoutMs },
    );
  return {
    readLog: (site, after) =>
      withRetries(signal, () =>
        askFor(site, after).catch((error: unknown) => {
          // A site that has just been made and said nothing yet: nothing to read.
          if (error instanceof Fault && error.code === "site_unknown")
            return { epoch: after.epoch, head: after.pos, events: [] };
          throw error;
        }),
      ),
    listSites: async () => {
      const { sites } = await withRetries(signal, () => ask(bus, AskSites, {}, { timeoutMs: askTimeoutMs }));
      return sites;
    },
  };
};
