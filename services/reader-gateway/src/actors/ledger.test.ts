import { type Outcome, outcomes } from "@tagwire/messages";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addsUp } from "../floor/test-floor.ts";
import {
  applySave,
  countOutcome,
  countsOf,
  type LedgerSave,
  nextSave,
  openLedger,
  pendingOf,
} from "./ledger.ts";

const nothing = {
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

const act = fc.oneof(
  fc.record({ kind: fc.constant("frame" as const), reads: fc.nat(9), filtered: fc.nat(9) }),
  fc.record({ kind: fc.constant("observe" as const), reads: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant("save" as const) }),
  fc.record({ kind: fc.constant("saved" as const) }),
  fc.record({ kind: fc.constant("taken" as const), outcome: fc.constantFrom<Outcome>(...outcomes) }),
);

test("the columns add up after every step, and what Postgres would hold adds up by itself", () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
      const ledger = openLedger(nothing, 0);
      let heldInWindows = 0;
      let waiting: number[] = [];
      let inFlight: LedgerSave | undefined;
      let heard = 0;
      for (const one of acts) {
        if (one.kind === "frame") {
          heard += one.reads + one.filtered;
          ledger.unsaved.frames += 1;
          ledger.unsaved.reads += one.reads + one.filtered;
          ledger.unsaved.filtered += one.filtered;
          heldInWindows += one.reads;
        } else if (one.kind === "observe" && heldInWindows >= one.reads) {
          heldInWindows -= one.reads;
          ledger.waitingReads += one.reads;
          waiting.push(one.reads);
        } else if (one.kind === "save" && inFlight === undefined) {
          inFlight = nextSave(
            ledger,
            waiting.reduce((sum, reads) => sum + reads, 0),
            waiting.length,
          );
          waiting = [];
        } else if (one.kind === "saved" && inFlight !== undefined) {
          applySave(ledger, inFlight);
          inFlight = undefined;
        } else if (one.kind === "taken" && pendingOf(ledger) > 0) countOutcome(ledger, one.outcome);

        const counts = countsOf(ledger, heldInWindows);
        expect(addsUp(counts)).toBe(true);
        expect(counts.reads).toBe(heard);
        expect(addsUp({ ...ledger.saved, held: 0, pending: pendingOf(ledger) })).toBe(true);
      }
    }),
  );
});
