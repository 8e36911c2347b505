import { brokenSums, type Outcome, outcomes } from "@tagwire/messages";
import { migrate, openStore, type Sql } from "@tagwire/store";
import { eventually, quietLog, testDatabase } from "@tagwire/testing";
import { expect, test } from "vitest";
import { countsOf, openLedger } from "../actors/ledger.ts";
import { ledgerOf } from "../store/ledgers.ts";
import { migrations, schema } from "../store/migrations.ts";
import { removeTaken } from "../store/observations.ts";
import { findReader, insertReader } from "../store/readers.ts";
import { testNote } from "../store/test-note.ts";
import { startDoomed } from "./test-doomed.ts";
import { site } from "./test-spool.ts";

/** Five processes are started and killed, one after the other: generous, it only decides how long a broken run takes to fail. */
const killingMsMax = 300_000;

/** What the table of observations says of the ledger, which nothing but statements of the product has written to. */
type Evidence = { readonly port: number; readonly observations: number; readonly reads: number };

/** The counts that a process would begin with that is started now. */
const countsNow = async (sql: Sql) => {
  const stored = await findReader(sql, site, "dock");
  if (stored === undefined) throw new Error("gone");
  return countsOf(openLedger(ledgerOf(stored)), new Map());
};

const evidenceOf = (sql: Sql): Promise<Evidence[]> => sql<Evidence[]>`
  select antenna as port, count(*)::int as observations, sum(reads)::int as reads from observation group by 1 order by 1`;

test(
  "a keeper's process may be killed between a save and its answer, or at any moment, and the ledger is what Postgres keeps",
  async () => {
    await using database = await testDatabase((url) => migrate(url, schema, migrations));
    const store = await openStore<unknown>({ url: database.url, schema, name: "test", log: quietLog() });
    const { sql } = store;
    const settings = { driver: "llrp" as const, address: "127.0.0.1", antennas: [], station: null };
    await insertReader(sql, { site, id: "dock" }, settings, testNote("dock"));
    const taken = new Map<number, { observations: number; reads: number }>();

    /** Operations takes some, each with another outcome. */
    const take = async (limit: number) => {
      const rows = await sql<{ id: string; antenna: number; reads: number }[]>`
      select id, antenna, reads::int as reads from observation order by seq limit ${limit}`;
      const decided = rows.map(({ id }, index) => ({
        id,
        outcome: outcomes[index % outcomes.length] as Outcome,
      }));
      const ledgers = await removeTaken(sql, site, decided);
      for (const { antenna, reads } of rows) {
        const before = taken.get(antenna) ?? { observations: 0, reads: 0 };
        taken.set(antenna, { observations: before.observations + 1, reads: before.reads + reads });
      }
      for (const row of ledgers.values())
        expect(brokenSums(countsOf(openLedger(row), new Map()))).toEqual([]);
    };

    // Killed after the first save, which nobody heard of; after some; and three times in the midst of it.
    for (const answers of [0, 3, -1, -1, -1]) {
      const before = (await countsNow(sql)).observations;
      const doomed = startDoomed(database.url, answers);
      await eventually("it has saved", async () =>
        answers < 0 ? (await countsNow(sql)).observations > before + 200 : doomed.isUnanswered(),
      );
      await take(30);
      await doomed.kill();
      // A statement that was on its way when its process died is done, or never will be, once nobody does it any more.
      await eventually("nothing of it is under way", async () => {
        const left =
          await sql`select from pg_stat_activity where application_name = 'doomed' and datname = current_database()`;
        return left.length === 0;
      });

      const counts = await countsNow(sql);
      expect(brokenSums(counts)).toEqual([]);
      expect(counts.observations).toBeGreaterThan(before);
      const { antennas = {} } = counts;
      const kept = new Map((await evidenceOf(sql)).map(({ port, ...evidence }) => [port, evidence]));
      let reads = 0;
      for (const port of new Set([...kept.keys(), ...taken.keys()])) {
        const waits = kept.get(port) ?? { observations: 0, reads: 0 };
        const gone = taken.get(port) ?? { observations: 0, reads: 0 };
        const observations = waits.observations + gone.observations;
        expect(antennas[port]).toMatchObject({ observations, pending: waits.observations });
        expect(antennas[port]?.strays).toEqual({ few: observations });
        reads += waits.reads + gone.reads;
      }
      expect(counts).toMatchObject({ held: 0, observed: reads });
    }
    expect([...taken.keys()].sort()).toEqual([1, 2, 3, 4]);
    await store.close();
  },
  killingMsMax,
);
