import { setTimeout as wait } from "node:timers/promises";
import { supervise } from "@tagwire/actor";
import { ask, type Bus } from "@tagwire/bus";
import { AskSites, Fault, mayPullOnSchedule, rfidproDatasets, type Site } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { idOf } from "../actors/deterministic-id.ts";
import type { Runs } from "../running/runs.ts";
import { dueDay } from "./due-day.ts";

const lookEveryMs = 60_000;

type Daily = {
  readonly bus: Bus;
  readonly log: Logger;
  readonly runs: Pick<Runs, "begin">;
  /** The time of day, `HH:MM`, by each site's own clock. */
  readonly at: string;
  readonly now?: () => number;
  readonly everyMs?: number;
};

/**
 * Pulls and compares each site that is parallel once a day, until stopped. The run of a day has an id that follows from site and day, so that
 * several replicas, and one that has just begun, begin it once; what a person or a CronJob pulls goes on besides.
 */
export const keepDaily = ({ bus, log, runs, at, now = Date.now, everyMs = lookEveryMs }: Daily) => {
  const done = new Map<string, string>();

  const pull = async ({ id: site, timeZone }: Site): Promise<void> => {
    const day = dueDay(now(), timeZone, at);
    if (day === undefined || done.get(site) === day) return;
    try {
      const datasets = [...rfidproDatasets];
      await runs.begin({
        ...{ site, id: idOf(site, "rfidpro-daily", day), by: "tagwire", how: "scheduled", datasets },
        ...{ compare: true, import: false },
      });
    } catch (error) {
      // Another run is going on, or nobody answers just now: the next look tries again. What cannot be is told once a day.
      if (!(error instanceof Fault)) throw error;
      if (error.retryable || error.code === "rfidpro.running") return;
      log.warn({ site, day, code: error.code }, "the daily pull was not begun");
    }
    done.set(site, day);
  };

  const looking = supervise({
    name: "daily pulls",
    log,
    run: async (signal) => {
      while (!signal.aborted) {
        const sites = await ask(bus, AskSites, {}).then(
          (answer) => answer.sites,
          (error: unknown) => {
            if (error instanceof Fault && error.retryable) return [];
            throw error;
          },
        );
        for (const site of sites.filter(({ stage }) => mayPullOnSchedule(stage))) await pull(site);
        await wait(everyMs, undefined, { signal }).catch(() => {});
      }
    },
  });
  return { stop: () => looking.stop() };
};
