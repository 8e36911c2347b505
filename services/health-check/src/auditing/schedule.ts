import { setTimeout as wait } from "node:timers/promises";
import { supervise } from "@tagwire/actor";
import { ask } from "@tagwire/bus";
import { AskSites, type Audit, Fault } from "@tagwire/messages";
import { knowSites } from "../store/audits.ts";
import { type RunOptions, runAudit } from "./run-audit.ts";

/** Sites are audited one after the other, spread over the time there is, so that no two of them ever burden the store at once. */
export type Auditing = {
  /** Audits a site now; whoever asks for one that is under way is told its result. */
  readonly audit: (site: string, by: string) => Promise<Audit>;
  readonly stop: () => Promise<void>;
};

const clock = "tagwire";
const betweenTriesMs = 1_000;
/** Of the interval so much passes first: half a minute of five. */
const calmShare = 0.1;

/** The sites there are; undefined while nobody says it. */
const sitesOf = async (bus: RunOptions["bus"]) => {
  try {
    return (await ask(bus, AskSites, {})).sites;
  } catch (error) {
    if (error instanceof Fault && error.retryable) return undefined;
    throw error;
  }
};

/** Audits each site once in every interval until stopped, and besides whenever somebody asks. */
export const keepAuditing = (options: RunOptions): Auditing => {
  const { bus, everyMs, log } = options;
  const control = new AbortController();
  const underWay = new Map<string, Promise<Audit>>();

  const audit = (site: string, by: string): Promise<Audit> => {
    const going = underWay.get(site);
    if (going !== undefined) return going;
    if (control.signal.aborted) return Promise.reject(new Fault("unavailable", "ending"));
    const begun = runAudit(options, { site, by, isDue: by === clock, signal: control.signal }).finally(() =>
      underWay.delete(site),
    );
    underWay.set(site, begun);
    return begun;
  };

  const scheduling = supervise({
    name: "audits",
    log,
    run: async (signal) => {
      // Whoever has just started has other things to do than to be asked for proof.
      await wait(everyMs * calmShare, undefined, { signal }).catch(() => {});
      while (!signal.aborted) {
        const startedAtMs = performance.now();
        const sites = await sitesOf(bus);
        if (sites === undefined) {
          // Operations is not up yet, or just being replaced.
          await wait(betweenTriesMs, undefined, { signal }).catch(() => {});
          continue;
        }
        await knowSites(
          options.sql,
          sites.map(({ id }) => id),
        );
        for (const [index, { id }] of sites.entries()) {
          // Each at its own moment of the interval, the same one every time.
          const dueInMs = startedAtMs + (everyMs * index) / sites.length - performance.now();
          if (dueInMs > 0) await wait(dueInMs, undefined, { signal }).catch(() => {});
          if (signal.aborted) return;
          await audit(id, clock).catch((error: unknown) => {
            if (!control.signal.aborted) log.error({ err: error, site: id }, "audit failed");
          });
        }
        const restMs = startedAtMs + everyMs - performance.now();
        if (restMs > 0) await wait(restMs, undefined, { signal }).catch(() => {});
      }
    },
  });

  return {
    audit,
    stop: async () => {
      control.abort();
      await scheduling.stop();
      await Promise.allSettled(underWay.values());
    },
  };
};
