import { ask, type Bus } from "@tagwire/bus";
import { AskReaders, Fault, type Reader } from "@tagwire/messages";

const timeoutMs = 5_000;

/** All readers of a site with their ledgers; undefined while nobody says how they are, which is no word that they are well. */
export const readLedgers = async (bus: Bus, site: string): Promise<readonly Reader[] | undefined> => {
  const all: Reader[] = [];
  try {
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page: { readers: Reader[]; next?: string | null } = await ask(
        bus,
        AskReaders,
        { site, cursor: cursor ?? null },
        { timeoutMs },
      );
      all.push(...page.readers);
      cursor = page.next ?? null;
    }
    return all;
  } catch (error) {
    if (error instanceof Fault && error.retryable) return undefined;
    throw error;
  }
};
