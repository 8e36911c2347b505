import { setTimeout as wait } from "node:timers/promises";
import { supervise } from "@tagwire/actor";
import { Fault, newId, type RfidproImport } from "@tagwire/messages";
import type { ImportedRun } from "../store/importable-run.ts";
import { getImportableRun } from "../store/importable-run.ts";
import { findLostImports, saveImport, takeUpImport } from "../store/imports.ts";
import { carryImport } from "./carry-import.ts";
import { beginImport, type Confirmed } from "./import-run.ts";
import type { Importing, OwnedImport } from "./importing.ts";

/** How often it is looked whether an import's process is gone. */
const lookEveryMs = 10_000;

export type Imports = {
  /** Begins what a person has confirmed, and resolves when it has begun. @throws Fault as {@link beginImport} does */
  readonly begin: (run: ImportedRun, confirmed: Confirmed) => Promise<RfidproImport>;
  readonly stop: () => Promise<void>;
};

/**
 * Carries imports out until stopped, and goes on with those whose process is gone: they were confirmed, and nobody has to do so again.
 * Those that are under way when it is stopped are gone on with by whoever looks next.
 */
export const keepImports = (importing: Importing): Imports => {
  const { sql, log } = importing;
  const ending = new AbortController();
  const working = new Set<Promise<void>>();

  const carry = (run: ImportedRun, owned: OwnedImport): void => {
    const work = carryImport({ ...importing, signal: ending.signal }, run, owned).finally(() =>
      working.delete(work),
    );
    working.add(work);
  };
  const goOn = async (lost: string): Promise<void> => {
    const owner = newId();
    const taken = await takeUpImport(sql, lost, owner);
    if (taken === undefined) return;
    const { why: _why, ...cut } = taken;
    const begun: RfidproImport = {
      ...{ ...cut, step: "classes", sent: 0, recorded: 0, replayed: 0, refused: 0, refusals: [] },
      why: "It was cut off, and goes on by itself; what was sent before is known, and not done twice.",
      continued: (cut.continued ?? 0) + 1,
    };
    const tell = (change: Partial<RfidproImport> = {}) => saveImport(sql, { ...begun, ...change }, owner);
    try {
      const run = await getImportableRun(sql, lost);
      await tell();
      log.warn({ run: lost, site: run.site }, "an import was cut off, and goes on");
      carry(run, { import: begun, owner });
    } catch (error) {
      // Only what can never be carried out any more is at its end; of whatever else the next look may be luckier.
      if (!(error instanceof Fault) || error.code !== "rfidpro.not_importable") throw error;
      const why = `It was cut off, and cannot go on: ${error.detail}. Pull again, and import that.`;
      await tell({ state: "failed", endedAt: new Date().toISOString(), why });
    }
  };
  const looking = supervise({
    name: "imports",
    log,
    run: async (signal) => {
      while (!signal.aborted) {
        for (const lost of await findLostImports(sql)) await goOn(lost);
        await wait(lookEveryMs, undefined, { signal }).catch(() => {});
      }
    },
  });

  return {
    begin: async (run, confirmed) => {
      if (ending.signal.aborted) throw new Fault("unavailable", "ending");
      const { import: now, begun } = await beginImport(importing, run, confirmed);
      if (begun !== undefined) carry(run, begun);
      return now;
    },
    stop: async () => {
      ending.abort();
      await looking.stop();
      await Promise.all(working);
    },
  };
};
