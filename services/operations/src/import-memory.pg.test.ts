import { randomUUID } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type ImportRow, newId } from "@tagwire/messages";
import { testDatabase } from "@tagwire/testing";
import { expect, test } from "vitest";
import { traceparent } from "./actors/test-acts.ts";
import { answerCommand } from "./answers/commands.ts";
import { beginSite, testOperations } from "./test-operations.ts";

/* A large file in one go: what operations holds of it does not grow with it. */

const rowsInAll = 20_000;
const rowsPerCommand = 500;
const earlyRows = 5_000;
/** What operations reckons with for a tag that it remembers, which it does up to a share of its heap; an event alone is more. */
const bytesPerTagMax = 700;
const timeoutMs = 240_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

test(
  `a file of ${rowsInAll} rows leaves nothing in memory but the tags that are remembered`,
  async () => {
    await using operations = await testOperations(await testDatabase());
    const member = await operations.member();
    const site = "flat";
    await beginSite(member, site);
    const heapBytes = (): number => {
      // The test's own relay keeps every event, which the real one hands on.
      (member.said as Map<string, unknown>).clear();
      collect();
      return process.memoryUsage().heapUsed;
    };
    const rowAt = (at: number): ImportRow => ({
      ...{ id: randomUUID(), tag: `FLAT-${at}`, class: `class ${at % 40}`, name: `Frame, ${at % 7} m` },
    });
    const heaps = new Map<number, number>();
    for (let from = 0; from < rowsInAll; from += rowsPerCommand) {
      const rows = Array.from({ length: rowsPerCommand }, (_, index) => rowAt(from + index));
      const result = await answerCommand(member.turns, site, {
        ...{ kind: "items.import", id: newId(), by: { person: "p" }, traceparent },
        receivedAt: new Date().toISOString(),
        body: { dryRun: false, onlyNew: false, rows },
      });
      const outcomes = "outcomes" in result ? result.outcomes : [];
      expect(outcomes.filter(({ outcome }) => outcome === "created")).toHaveLength(rowsPerCommand);
      const done = from + rowsPerCommand;
      if (done % earlyRows !== 0) continue;
      const bytes = heapBytes();
      heaps.set(done, bytes);
      process.stdout.write(`${done} of ${rowsInAll} rows, ${(bytes / 1e6).toFixed(1)} MB on the heap\n`);
    }
    const early = heaps.get(earlyRows) ?? 0;
    const late = heaps.get(rowsInAll) ?? 0;
    expect(late - early).toBeLessThan((rowsInAll - earlyRows) * bytesPerTagMax);
    member.turns.forget(site);
    // Without what is remembered of all of it there is less than with what was remembered of its first part: the rest of the file left nothing.
    const forgotten = heapBytes();
    process.stdout.write(`forgotten: ${(forgotten / 1e6).toFixed(1)} MB on the heap\n`);
    expect(forgotten).toBeLessThan(early);
    const [count] = await operations.sql`select count(*)::int as items from item where site = ${site}`;
    expect(count?.items).toBe(rowsInAll);
  },
  timeoutMs,
);
