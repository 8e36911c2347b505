import { inTransaction } from "@tagwire/store";
import { sumOf } from "../actors/antenna-ledger.ts";
import type { Taken } from "../actors/tally-lines.ts";
import { reached, type Sql } from "./database.ts";
import { lostTallies } from "./holdings.ts";

/** The last save of a keeper whose book was read to its end: whatever of it might still come does nothing. */
const lastOfAll = Number.MAX_SAFE_INTEGER;

/**
 * Counts what a killed process had taken and had not told as lost, once: the row of its keeper says that it was done. `untold` tells what
 * that is, given the last save that Postgres holds of it. Answers how many reads of which reader that are.
 *
 * Rows of readers are locked by rising number, as in `saves.ts`.
 */
export const countUntold = (
  sql: Sql,
  keeper: string,
  untold: (lastSave: number) => ReadonlyMap<number, Taken>,
): Promise<ReadonlyMap<number, number>> =>
  reached(
    inTransaction(sql, async (turn) => {
      // A save that is still under way holds the row, so what it did is known here.
      const [row] = await turn<[{ lastSave: string }]>`
        insert into keeper (id, last_save, saved_at) values (${keeper}, 0, clock_timestamp())
        on conflict (id) do update set saved_at = clock_timestamp() returning last_save as "lastSave"`;
      const lastSave = Number(row?.lastSave);
      const lost = new Map<number, number>();
      if (lastSave === lastOfAll) return lost;
      const found = [...untold(lastSave)].sort(([left], [right]) => left - right);
      for (const [number, { frames, malformed, reads }] of found) {
        const tallies = lostTallies(Object.fromEntries(reads));
        const count = sumOf(tallies, "reads");
        await turn`
          update reader set frames = frames + ${frames}, malformed = malformed + ${malformed}, reads = reads + ${count},
            filtered = filtered + ${count}, ledger_version = ledger_version + 1,
            antenna_counts = antenna_sum(antenna_counts, ${JSON.stringify(tallies)}::text::jsonb)
          where number = ${number}`;
        if (count > 0) lost.set(number, count);
      }
      await turn`update keeper set last_save = ${lastOfAll} where id = ${keeper}`;
      return lost;
    }),
  );
