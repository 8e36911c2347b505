import { type Outcome, outcomes } from "@tagwire/messages";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addsUp } from "../floor/test-floor.ts";
import {
  awaitSave,
  beginSave,
  cancelSave,
  countFrame,
  countMalformed,
  countsOf,
  endSave,
  isSettled,
  type LedgerSave,
  learn,
  openLedger,
  pendingOf,
  type SavedLedger,
  saveOf,
} from "./ledger.ts";

const empty: SavedLedger = {
  version: 0,
  frames: 0,
  malformed: 0,
  reads: 0,
  filtered: 0,
  observed: 0,
  observations: 0,
  accepted: 0,
  alreadyApplied: 0,
  rejected: 0,
  quarantined: 0,
};

/** What the statement of a save does to the row. */
const saved = (row: SavedLedger, save: LedgerSave): SavedLedger => ({
  ...row,
  version: row.version + 1,
  frames: row.frames + save.frames,
  malformed: row.malformed + save.malformed,
  reads: row.reads + save.filtered + save.observed,
  filtered: row.filtered + save.filtered,
  observed: row.observed + save.observed,
  observations: row.observations + save.observations,
  rejected: row.rejected + save.rejected,
});

/** What the statement of a confirmation does to the row. */
const taken = (row: SavedLedger, outcome: Outcome): SavedLedger => {
  const column = outcome === "already_applied" ? "alreadyApplied" : outcome;
  return { ...row, version: row.version + 1, [column]: row[column] + 1 };
};

const act = fc.oneof(
  fc.record({ kind: fc.constant("frame" as const), reads: fc.nat(9), filtered: fc.nat(9) }),
  fc.record({ kind: fc.constant("malformed" as const) }),
  fc.record({ kind: fc.constant("observe" as const), reads: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant("begin" as const), rejected: fc.boolean() }),
  fc.record({ kind: fc.constant("commit" as const) }),
  fc.record({ kind: fc.constant("answer" as const) }),
  fc.record({ kind: fc.constant("refuse" as const) }),
  fc.record({ kind: fc.constant("stranger" as const), reads: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant("taken" as const), outcome: fc.constantFrom<Outcome>(...outcomes) }),
  fc.record({ kind: fc.constant("hear" as const), which: fc.nat() }),
);

test("the columns add up and never fall, whenever and in whatever order Postgres's answers come in", () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 120 }), (acts) => {
      let ledger = openLedger(empty);
      /** Every state of the row that an answer may still tell. */
      const rows = [empty];
      const row = () => rows.at(-1) ?? empty;
      let heldInWindows = 0;
      let waiting: number[] = [];
      let sent: { save: LedgerSave; carries: number[]; committed: SavedLedger | undefined } | undefined;
      let heard = 0;
      let heardByStrangers = 0;
      let before = countsOf(ledger, heldInWindows);
      for (const one of acts) {
        if (one.kind === "frame") {
          heard += one.reads + one.filtered;
          heldInWindows += one.reads;
          ledger = countFrame(ledger, { reads: one.reads + one.filtered, filtered: one.filtered });
        } else if (one.kind === "malformed") ledger = countMalformed(ledger);
        else if (one.kind === "observe" && heldInWindows >= one.reads) {
          heldInWindows -= one.reads;
          waiting.push(one.reads);
          ledger = awaitSave(ledger, one.reads);
        } else if (one.kind === "begin" && sent === undefined) {
          const save = saveOf(ledger, {
            observed: waiting.reduce((sum, reads) => sum + reads, 0),
            observations: waiting.length,
            rejected: one.rejected ? waiting.length : 0,
          });
          ledger = beginSave(ledger, save);
          sent = { save, carries: waiting, committed: undefined };
          waiting = [];
        } else if (one.kind === "commit" && sent !== undefined && sent.committed === undefined) {
          rows.push(saved(row(), sent.save));
          sent.committed = row();
        } else if (one.kind === "answer" && sent?.committed !== undefined) {
          ledger = endSave(ledger, sent.committed);
          sent = undefined;
        } else if (one.kind === "refuse" && sent !== undefined && sent.committed === undefined) {
          ledger = cancelSave(ledger);
          waiting = [...sent.carries, ...waiting];
          sent = undefined;
        } else if (one.kind === "stranger") {
          const counts = { frames: 1, malformed: 0, filtered: 0, observations: 1, rejected: 0 };
          rows.push(saved(row(), { ...counts, observed: one.reads }));
          heardByStrangers += one.reads;
        } else if (one.kind === "taken" && pendingOf(openLedger(row())) > 0)
          rows.push(taken(row(), one.outcome));
        else if (one.kind === "hear") ledger = learn(ledger, rows[one.which % rows.length] ?? empty);

        const counts = countsOf(ledger, heldInWindows);
        expect(addsUp(counts)).toBe(true);
        expect(counts.pending).toBeGreaterThanOrEqual(0);
        expect(counts.reads).toBeGreaterThanOrEqual(heard);
        expect(counts.reads).toBeLessThanOrEqual(heard + heardByStrangers);
        for (const column of [
          "frames",
          "malformed",
          "reads",
          "filtered",
          "observed",
          "observations",
        ] as const)
          expect(counts[column]).toBeGreaterThanOrEqual(before[column]);
        before = counts;
      }
      if (sent !== undefined) return;
      ledger = learn(ledger, row());
      expect(countsOf(ledger, heldInWindows).reads).toBe(heard + heardByStrangers);
      expect(ledger.saved).toEqual(row());
    }),
    { numRuns: 500 },
  );
});

test("a reader that is gone from Postgres takes along what a save would have counted", () => {
  let ledger = countFrame(openLedger(empty), { reads: 5, filtered: 2 });
  ledger = awaitSave(ledger, 3);
  ledger = beginSave(ledger, saveOf(ledger, { observed: 3, observations: 1, rejected: 0 }));
  expect(isSettled(ledger)).toBe(false);
  ledger = endSave(ledger, undefined);
  expect(isSettled(ledger)).toBe(true);
  expect(countsOf(ledger, 0)).toMatchObject({ reads: 0, held: 0, observed: 0, pending: 0 });
});
