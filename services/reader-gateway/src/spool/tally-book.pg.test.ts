import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brokenSums, partitionOf } from "@tagwire/messages";
import { migrate, openStore, type Sql } from "@tagwire/store";
import { eventually, quietLog, testDatabase } from "@tagwire/testing";
import { expect, test } from "vitest";
import { countsOf, openLedger } from "../actors/ledger.ts";
import { takeUpHoldings } from "../store/holdings.ts";
import { ledgerOf } from "../store/ledgers.ts";
import { migrations, schema } from "../store/migrations.ts";
import { findReader } from "../store/readers.ts";
import { takeUpBooks } from "./found-books.ts";
import { headLine, openTallyShelf } from "./tally-book.ts";
import { startDoomed } from "./test-doomed.ts";
import { site, spoolGround, testKeeper } from "./test-spool.ts";

/** What one frame of the doomed keeper has: reads, and of those the filtered ones. */
const readsPerFrame = 63;

const countsNow = async (sql: Sql) => {
  const stored = await findReader(sql, site, "dock");
  if (stored === undefined) throw new Error("gone");
  return countsOf(openLedger(ledgerOf(stored)), new Map());
};

const shelfOf = async () => {
  const dir = await mkdtemp(join(tmpdir(), "tagwire-tallies-"));
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
};

test("what a killed process had taken is in the ledger to the last read, wherever it was killed", async () => {
  await using ground = await spoolGround();
  await using shelf = await shelfOf();
  const { sql } = ground;
  let before = { frames: 0, reads: 0, lost: 0 };
  // Killed before the answer of its first save, of a later one, and in the midst of it.
  for (const answers of [0, 3, -1]) {
    const doomed = startDoomed(ground.url, answers, shelf.dir);
    await eventually("it has taken much", () =>
      answers < 0 ? doomed.took() > 100 : doomed.isUnanswered() && doomed.took() > 20,
    );
    await doomed.kill();
    await takeUpBooks(shelf.dir, sql, quietLog());
    // What it held when it saved last is known to Postgres, and taken up by whoever loads the reader.
    await takeUpHoldings(sql, { partition: partitionOf(site), keeper: randomUUID() }, () => false);
    const { frames, reads, filteredBy = {}, ...counts } = await countsNow(sql);
    expect(brokenSums({ frames, reads, filteredBy, ...counts })).toEqual([]);
    const took = frames - before.frames;
    expect([doomed.took(), doomed.took() + 1]).toContain(took);
    expect(reads - before.reads).toBe(took * readsPerFrame);
    const lost = filteredBy.lost ?? 0;
    expect(lost).toBeGreaterThan(before.lost);
    before = { frames, reads, lost };
    expect(await readdir(shelf.dir)).toEqual([]);
  }
}, 300_000);

test("a book counts once, though its reader was killed before it threw it away, and what runs is left alone", async () => {
  await using ground = await spoolGround();
  await using shelf = await shelfOf();
  const { sql, stored } = ground;
  const keeper = "00000000-0000-4000-8000-000000000001";
  const line = `t ${stored.number} 2 1 1:5 2:7\n`;
  const book = join(shelf.dir, `${keeper}.tally`);
  const write = (pid: number) => writeFile(book, `${headLine(keeper, pid)}${line}t ${stored.number} 1 0 1:1`);
  await write(process.ppid);
  expect(await takeUpBooks(shelf.dir, sql, quietLog())).toEqual(new Map());
  expect(await countsNow(sql)).toMatchObject({ reads: 0 });
  for (const lost of [12, undefined]) {
    await write(process.pid);
    expect((await takeUpBooks(shelf.dir, sql, quietLog())).get(stored.number)).toBe(lost);
    expect(await countsNow(sql)).toMatchObject({
      ...{ frames: 2, malformed: 1, reads: 12, filtered: 12, filteredBy: { lost: 12 } },
      antennas: { 1: { reads: 5 }, 2: { reads: 7 } },
    });
  }
});

test("a process that ends in order leaves no book, and one whose Postgres is away leaves what it could not save", async () => {
  await using ground = await spoolGround();
  await using shelf = await shelfOf();
  const { stored } = ground;
  const taken = { frames: 1, malformed: 0, reads: new Map([[1, 3]]) };
  const shelfHere = openTallyShelf(shelf.dir, quietLog());
  const orderly = testKeeper(ground.sql, { shelf: shelfHere });
  orderly.keeper.took(orderly.keeper.open(stored), taken);
  expect(await readdir(shelf.dir)).toHaveLength(1);
  await orderly.keeper.close();
  expect(await readdir(shelf.dir)).toEqual([]);

  await using database = await testDatabase((url) => migrate(url, schema, migrations));
  const gone = await openStore<unknown>({ url: database.url, schema, name: "gone", log: quietLog() });
  await gone.close();
  const { keeper } = testKeeper(gone.sql, { shelf: shelfHere });
  const reader = keeper.open(stored);
  keeper.took(reader, taken);
  reader.ledger = { ...reader.ledger, unsaved: { ...reader.ledger.unsaved, frames: 1 } };
  keeper.touch(reader);
  await keeper.close();
  expect((await takeUpBooks(shelf.dir, ground.sql, quietLog())).get(stored.number)).toBe(3);
});

test("a folder that is not there yet has no books; one that cannot be read is an error, since books may lie in it", async () => {
  await using ground = await spoolGround();
  await using shelf = await shelfOf();
  expect(await takeUpBooks(join(shelf.dir, "later"), ground.sql, quietLog())).toEqual(new Map());
  const file = join(shelf.dir, "file");
  await writeFile(file, "");
  await expect(takeUpBooks(file, ground.sql, quietLog())).rejects.toThrow(`${file} cannot be read`);
});
