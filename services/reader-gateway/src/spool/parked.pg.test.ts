import { eventually, quietLog } from "@tagwire/testing";
import { expect, test, vi } from "vitest";
import { countFrame, countsOf } from "../actors/ledger.ts";
import { addsUp } from "../floor/test-floor.ts";
import { findReader } from "../store/readers.ts";
import { countParked } from "../store/saves.ts";
import { heard, losingAnswers, site, spoolGround, tally, testKeeper } from "./test-spool.ts";

/** A log that keeps what is said at error level. */
const errorLog = () => {
  const log = quietLog();
  const errors: string[] = [];
  vi.spyOn(log, "error").mockImplementation(
    (_facts: unknown, words?: string) => void errors.push(words ?? ""),
  );
  return { errors, log };
};

test("observations that Postgres refuses are parked as they are and count as rejected; the others pass", async () => {
  await using at = await spoolGround();
  await at.sql`alter table observation add check (tag <> 'BAD')`;
  const { errors, log } = errorLog();
  const { keeper, tags } = testKeeper(at.sql, { log });
  const dock = keeper.open(at.stored);
  const bad = [heard("BAD", 3), heard("NUL\u0000 and half a letter \ud800")];
  dock.ledger = countFrame(dock.ledger, [tally(6)]);
  keeper.add(dock, [heard("AA"), ...bad, heard("BB")]);
  await eventually("kept", () => keeper.settled([dock], 1_000));
  const counts = countsOf(dock.ledger, new Map());
  expect(counts).toMatchObject({
    reads: 6,
    filtered: 0,
    observed: 6,
    observations: 4,
    rejected: 2,
    pending: 2,
  });
  expect(addsUp(counts)).toBe(true);
  expect(await findReader(at.sql, site, "dock")).toMatchObject({ observations: 4, rejected: 2 });
  expect([...tags].sort()).toEqual(["AA", "BB"]);
  const parked = await at.sql<{ text: string; reason: string }[]>`
    select observation::text as text, reason, site, reader_id as "readerId" from parked order by number`;
  expect(parked).toEqual(
    bad.map((one) => ({
      text: JSON.stringify(one.observation),
      reason: "Postgres refuses it",
      site,
      readerId: "dock",
    })),
  );
  expect(await countParked(at.sql)).toBe(2);
  expect(errors.filter((words) => words === "observations parked")).toHaveLength(2);
  await keeper.close();
});

test("observations of a reader that is gone are parked, and those of others in the same save are kept once", async () => {
  await using at = await spoolGround();
  const gone = await at.insert("gone");
  // The answer of parking is lost too: it is not parked twice.
  const { keeper, tags } = testKeeper(losingAnswers(at.sql, (nth) => nth === 2));
  const [dock, ghost] = [keeper.open(at.stored), keeper.open(gone)];
  await at.sql`delete from reader where number = ${gone.number}`;
  for (const reader of [ghost, dock]) {
    reader.ledger = countFrame(reader.ledger, [tally(1)]);
    keeper.add(reader, [heard(reader.id)]);
  }
  await eventually("settled", () => keeper.settled([dock, ghost], 1_000));
  expect(tags).toEqual(["dock"]);
  expect(await findReader(at.sql, site, "dock")).toMatchObject({ reads: 1, filtered: 0, observations: 1 });
  expect(await at.sql`select reason, reader_id as "readerId" from parked`).toEqual([
    { reason: "the reader is gone", readerId: "gone" },
  ]);
  await keeper.close();
});

test("a deleted reader's last counters are nobody's business", async () => {
  await using at = await spoolGround();
  const { errors, log } = errorLog();
  const { keeper } = testKeeper(at.sql, { log });
  const [dock, gone] = [keeper.open(at.stored), keeper.open(await at.insert("gone"))];
  for (const reader of [dock, gone]) {
    reader.ledger = countFrame(reader.ledger, []);
    keeper.touch(reader);
  }
  await at.sql`delete from reader where number = ${gone.number}`;
  keeper.forget(gone);
  await keeper.close();
  expect(errors).toEqual([]);
  expect(gone.ledger.unsaved.frames).toBe(1);
  expect(await findReader(at.sql, site, "dock")).toMatchObject({ frames: 1 });
});
