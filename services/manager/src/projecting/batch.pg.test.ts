import { migrate, openStore } from "@tagwire/store";
import { quietLog, testDatabase } from "@tagwire/testing";
import fc from "fast-check";
import { test } from "vitest";
import { migrations, schema } from "../store/migrations.ts";
import { expectEqualToLog } from "../test-check.ts";
import { happenings } from "../test-happenings.ts";
import { type SampleLog, sampleLog } from "../test-log.ts";
import { applyBatch } from "./batch.ts";

const batchEvents = 7;

test("whatever happens at two sites, rows and counts in the store are those of their logs", async () => {
  await using database = await testDatabase();
  await migrate(database.url, schema, migrations);
  const store = await openStore({ url: database.url, schema, name: "test", log: quietLog() });
  let run = 0;
  const fill = (site: string, all: Parameters<SampleLog["happen"]>[0][]) => {
    const log = sampleLog({ site });
    for (const what of all) log.happen(what);
    return log;
  };
  await fc.assert(
    fc.asyncProperty(happenings, happenings, async (north, south) => {
      run += 1;
      const logs = [fill(`north-${run}`, north), fill(`south-${run}`, south)];
      // Both sites in the same batches, as the stream brings them.
      const mixed = logs.flatMap(({ events }) => events).sort((left, right) => left.pos - right.pos);
      for (let from = 0; from < mixed.length; from += batchEvents) {
        const batch = mixed.slice(from, from + batchEvents);
        await store.sql.begin((transaction) => applyBatch(transaction, batch, Date.now()));
      }
      for (const { site, epoch, events } of logs)
        await store.sql`insert into site_position (site, epoch, pos, hash) values (${site}, ${epoch}, ${events.length}, '')`;
      for (const log of logs) await expectEqualToLog(store.sql, log);
    }),
    { numRuns: 25 },
  );
  await store.close();
});
