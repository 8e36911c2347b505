import { migrate, openStore, type Store } from "@tagwire/store";
import { quietLog } from "@tagwire/testing";
import { applyBatch } from "./projecting/batch.ts";
import { migrations, schema } from "./store/migrations.ts";
import type { SampleLog } from "./test-log.ts";

/** A store with the whole log applied, in batches of so many events. */
export const openFilled = async (
  url: string,
  log: SampleLog,
  { nowMs, batchEvents = Number.POSITIVE_INFINITY }: { nowMs: number; batchEvents?: number },
): Promise<Store<unknown>> => {
  await migrate(url, schema, migrations);
  const store = await openStore({ url, schema, name: "test", log: quietLog() });
  await store.sql`insert into site_generation (site) values (${log.site})`;
  for (let from = 0; from < log.events.length; from += batchEvents)
    await store.sql.begin((transaction) =>
      applyBatch(transaction, log.events.slice(from, from + batchEvents), nowMs),
    );
  await store.sql`
    insert into site_position (site, epoch, pos, hash) values (${log.site}, ${log.epoch}, ${log.events.length}, '')`;
  return store;
};
