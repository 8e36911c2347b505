import { setTimeout as wait } from "node:timers/promises";
import { foldDigestSql } from "@tagwire/digest";
import { isSchemaMissing, type Sql } from "@tagwire/store";
import type { Logger } from "pino";

/** So many changes in one statement: a tenth of a second or so. */
const changesPerStep = 50_000;
const everyMs = 30_000;

/** Takes in what changes have added to the digests, and says how many there were. Safe to run from several replicas at once. */
export const foldDigests = async (sql: Sql): Promise<number> => {
  let all = 0;
  for (;;) {
    const [row] = await sql.unsafe<{ taken: number }[]>(foldDigestSql, [changesPerStep]);
    const taken = row?.taken ?? 0;
    all += taken;
    if (taken < changesPerStep) return all;
  }
};

/** Takes in changes again and again until stopped, so that what a barrier has to add up stays little. */
export const keepFolding = (sql: Sql, log: Logger): { readonly stop: () => Promise<void> } => {
  const control = new AbortController();
  const fold = async () => {
    while (!control.signal.aborted) {
      await foldDigests(sql).catch((error: unknown) => {
        // Changes wait in their table for as long as it takes, and count there all the same.
        if (!isSchemaMissing(error)) log.warn({ err: error }, "digests not folded, trying again");
      });
      await wait(everyMs, undefined, { signal: control.signal }).catch(() => {});
    }
  };
  const folding = fold();
  return {
    stop: async () => {
      control.abort();
      await folding;
    },
  };
};
