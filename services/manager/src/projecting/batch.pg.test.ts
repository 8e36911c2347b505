import { migrate, openStore } from "@tagwire/store";
import { quietLog, testDatabase } from "@tagwire/testing";
import fc from "fast-check";
import { test } from "vitest";
import { migrations, schema } from "../store/migrations.ts";
import { expectEqualToLog, expectRecordsOf } from "../test-check.ts";
import { entries, happenings } from "../test-happenings.ts";
import { type SampleLog, sampleLog } from "../test-log.ts";
import { type Entry, enter, foundSite } from "../test-records.ts";
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

test("whatever is entered at two sites, contracts, sessions and classes in the store are those of their logs, however they are cut", async () => {
  await using database = await testDatabase();
  await migrate(database.url, schema, migrations);
  const store = await openStore({ url: database.url, schema, name: "test", log: quietLog() });
  let run = 0;
  const fill = (site: string, all: readonly Entry[]) => {
    const log = sampleLog({ site });
    foundSite(log, "America/Chicago");
    for (const tag of ["A", "B", "C"])
      log.happen({ kind: "create", tag, class: tag === "C" ? "table" : "tent", status: "ready" });
    for (const entry of all) enter(log, entry);
    return log;
  };
  await fc.assert(
    fc.asyncProperty(entries, entries, fc.integer({ min: 1, max: 40 }), async (north, south, cut) => {
      run += 1;
      const logs = [fill(`north-${run}`, north), fill(`south-${run}`, south)];
      const mixed = logs.flatMap(({ events }) => events).sort((left, right) => left.pos - right.pos);
      for (let from = 0; from < mixed.length; from += cut) {
        const batch = mixed.slice(from, from + cut);
        await store.sql.begin((transaction) => applyBatch(transaction, batch, Date.now()));
      }
      for (const log of logs) await expectRecordsOf(store.sql, log);
    }),
    { numRuns: 40 },
  );
  await store.close();
});
