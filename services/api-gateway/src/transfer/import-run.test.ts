import type { ImportOutcome, ImportRow } from "@tagwire/messages";
import { importRowsMax } from "@tagwire/messages";
import { expect, test } from "vitest";
import type { HeardRow } from "./heard-rows.ts";
import type { RowOutcome } from "./import-answer.ts";
import { createRowReader } from "./import-rows.ts";
import { createImport } from "./import-run.ts";

const rowOf = (row: number, fields: Record<string, string> = {}): HeardRow => ({
  row,
  fields: new Map(Object.entries({ tag: `t${row}`, class: "x", ...fields })),
});

/** Runs an import of these rows; `decide` may be told how to answer each chunk. */
const runOf = (
  rows: AsyncIterable<HeardRow>,
  decide: (items: readonly ImportRow[]) => Promise<readonly ImportOutcome[]>,
) => {
  const told: RowOutcome[] = [];
  const { run, summary } = createImport({
    rows,
    reader: createRowReader("north"),
    decide,
    tell: async (outcomes) => void told.push(...outcomes),
    dryRun: false,
  });
  return { run, summary, told };
};
const created = async (items: readonly ImportRow[]): Promise<ImportOutcome[]> =>
  items.map(({ tag }) => ({ tag, outcome: "created" }));

async function* count(rows: number, more?: Record<string, string>): AsyncGenerator<HeardRow> {
  for (let row = 1; row <= rows; row += 1) yield rowOf(row, more);
}

test("rows are decided in chunks that fit one message, in order, and told with those that cannot be", async () => {
  const sizes: number[] = [];
  const mixed = async function* (): AsyncGenerator<HeardRow> {
    for await (const heard of count(1_200))
      yield heard.row % 3 === 0 ? { row: heard.row, code: "row_malformed", message: "broken" } : heard;
  };
  const { run, summary, told } = runOf(mixed(), async (items) => {
    sizes.push(items.length);
    return created(items);
  });
  await run();
  expect(told.map(({ row }) => row)).toEqual(Array.from({ length: 1_200 }, (_, index) => index + 1));
  expect(told.filter(({ outcome }) => outcome === "rejected").map(({ row }) => row % 3)).toEqual(
    Array(400).fill(0),
  );
  expect(summary()).toEqual({
    rows: 1_200,
    created: 800,
    changed: 0,
    unchanged: 0,
    rejected: 400,
    warnings: [],
  });
  expect(Math.max(...sizes)).toBeLessThanOrEqual(importRowsMax);
});

test("long rows make small chunks", async () => {
  const bytes: number[] = [];
  const { run } = runOf(count(600, { notes: "😀".repeat(1_000) }), async (items) => {
    bytes.push(Buffer.byteLength(JSON.stringify(items)));
    return created(items);
  });
  await run();
  expect(bytes.length).toBeGreaterThan(2);
  expect(Math.max(...bytes)).toBeLessThan(2 ** 20);
});

test("nothing is read while a chunk is decided and the next one waits", async () => {
  let read = 0;
  const counted = async function* () {
    for await (const heard of count(5_000)) {
      read += 1;
      yield heard;
    }
  };
  const first = Promise.withResolvers<void>();
  const { run } = runOf(counted(), async (items) => {
    await first.promise;
    return created(items);
  });
  const done = run();
  // Whatever can happen without the answer has happened once timers come round again.
  for (let round = 0; round < 3; round += 1) await new Promise((resolve) => setTimeout(resolve, 0));
  expect(read).toBe(2 * importRowsMax + 1);
  first.resolve();
  await done;
  expect(read).toBe(5_000);
});

test("what is decided stands, and nothing more is, when a chunk fails", async () => {
  let chunks = 0;
  const { run, summary, told } = runOf(count(2_000), async (items) => {
    chunks += 1;
    if (chunks === 2) throw new Error("away");
    return created(items);
  });
  await expect(run()).rejects.toThrow("away");
  expect(chunks).toBe(2);
  expect(told).toHaveLength(importRowsMax);
  expect(summary()).toMatchObject({ rows: importRowsMax, created: importRowsMax });
});
