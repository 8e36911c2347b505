import { setTimeout as wait } from "node:timers/promises";
import { supervise } from "@tagwire/actor";
import { Fault, newId, type RfidproRun } from "@tagwire/messages";
import { checkSchedule } from "../scheduling/check-schedule.ts";
import { askToCancel, findLost, findRun } from "../store/runs.ts";
import { type Asked, beginRun } from "./begin-run.ts";
import { carryOut, type RunContext } from "./carry-out.ts";
import { type Keeping, keepRun } from "./keep-run.ts";
import { takeUp } from "./take-up.ts";
import { tellUnheard } from "./unheard.ts";
import { endLostRun, lookAfter, type Upkeep } from "./upkeep.ts";

/** How often it is looked whether a run's process is gone; every so many times, also whether anything is old enough to be let go. */
const lookEveryMs = 2_000;
const looksPerUpkeep = 5;

export type Runs = {
  /** Begins a run and resolves when it has begun. @throws Fault as {@link beginRun} does; `rfidpro.not_configured` */
  readonly begin: (asked: Asked) => Promise<RfidproRun>;
  /** Resolves with a run of this process when it has ended. */
  readonly ended: (id: string) => Promise<RfidproRun | undefined>;
  readonly stop: () => Promise<void>;
};

/**
 * Whoever carries a run out this time. A process that slept takes up its own run, as another would, while what it did before it slept goes
 * on: only one of the two may keep anything.
 */
const asOwner = (context: RunContext): RunContext => ({ ...context, owner: `${context.owner}:${newId()}` });

export type RunsOptions = Upkeep & {
  /** Whether runs whose process is gone are gone on with here; otherwise those alone are ended that are in the way. */
  readonly goesOn: boolean;
  /** With what runs are carried out; names of settings where they cannot be. */
  readonly context: RunContext | { readonly missing: readonly string[] };
};

/** Asks that a run ends, whoever carries it out; it does within a second or two. @throws Fault `rfidpro.run_unknown` */
export const cancelRun = async (keeping: Keeping, id: string, by: string): Promise<RfidproRun> => {
  const known = await findRun(keeping.sql, id);
  if (known === undefined) throw new Fault("rfidpro.run_unknown", id);
  return keepRun(keeping, known.run, async ({ run, cancelledBy }, transaction) => {
    if (run.state !== "running" || cancelledBy !== null) return undefined;
    await askToCancel(transaction, id, by);
    return { ...run, why: `${by} has cancelled it, and it is about to end.` };
  });
};

/** Carries runs out, and looks after those of everybody, until stopped. */
export const keepRuns = (options: RunsOptions): Runs => {
  const { context, log } = options;
  const control = new AbortController();
  const going = new Map<string, Promise<RfidproRun>>();

  const carry = (carrying: RunContext, run: RfidproRun): void => {
    const carried = carryOut(carrying, run, control.signal).finally(() => {
      if (going.get(run.id) === carried) going.delete(run.id);
    });
    carried.catch((err: unknown) => log.error({ err, run: run.id }, "a pull was not ended"));
    going.set(run.id, carried);
  };
  /** Goes on with each run whose process is gone, or ends it where that cannot be. */
  const goOn = async (): Promise<void> => {
    for (const lost of await findLost(options.sql)) {
      const carrying = "missing" in context ? undefined : asOwner(context);
      const run = carrying === undefined ? undefined : await takeUp(carrying, lost);
      if (run === undefined || carrying === undefined) await endLostRun(options, lost);
      else carry(carrying, run);
    }
  };

  const upkeep = supervise({
    name: "upkeep",
    log,
    run: async (signal) => {
      for (let looks = 0; !signal.aborted; looks += 1) {
        if (options.goesOn) {
          await goOn();
          await tellUnheard(options);
        }
        if (looks % looksPerUpkeep === 0) await lookAfter(options);
        await wait(lookEveryMs, undefined, { signal }).catch(() => {});
      }
    },
  });

  return {
    begin: async (asked) => {
      if (control.signal.aborted) throw new Fault("unavailable", "ending");
      if ("missing" in context) throw new Fault("rfidpro.not_configured", context.missing.join(", "));
      if (asked.how === "scheduled") await checkSchedule(options.bus, asked.site);
      if (options.goesOn) await goOn();
      else
        for (const lost of await findLost(options.sql))
          if (lost.site === asked.site) await endLostRun(options, lost);
      const carrying = asOwner(context);
      const { run, isNew } = await beginRun(carrying, asked, carrying.owner);
      if (isNew) carry(carrying, run);
      return run;
    },
    ended: async (id) => going.get(id),
    stop: async () => {
      control.abort();
      await upkeep.stop();
      await Promise.allSettled(going.values());
    },
  };
};
