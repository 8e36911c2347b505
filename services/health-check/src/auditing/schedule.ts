import { setTimeout as wait } from "node:timers/promises";
import { supervise } from "@tagwire/actor";
import { ask } from "@tagwire/bus";
import { AskSites, type Audit, Fault } from "@tagwire/messages";
import { knowSites } from "../store/audits.ts";
import { openPlaces } from "./places.ts";
import { type RunOptions, runAudit } from "./run-audit.ts";

/**
 * Each site is audited at its own moment of the interval, so that audits are spread over the time there is. One that takes long, since
 * somebody does not answer, delays nobody's but its own.
 */
export type Auditing = {
  /** Audits a site now; whoever asks for one that is under way is told its result. */
  readonly audit: (site: string, by: string) => Promise<Audit>;
  readonly stop: () => Promise<void>;
};

const clock = "tagwire";
const betweenTriesMs = 1_000;
/** Of the interval so much passes first: half a minute of five. */
const calmShare = 0.1;
/**
 * So many sites are audited side by side, at most, since all of them at once would burden the store of those who scan. Only while as many
 * as that hang do the others wait, until one of them gives up.
 */
export const sitesAtOnceMax = 3;

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

  const places = openPlaces(sitesAtOnceMax);
  const until = (atMs: number, signal = control.signal) =>
    wait(Math.max(0, atMs - performance.now()), undefined, { signal }).catch(() => {});

  /** Audits a site whenever that is due, from its first moment on. */
  const keepSite = async (site: string, firstDueAtMs: number): Promise<void> => {
    for (let dueAtMs = firstDueAtMs; ; ) {
      await until(dueAtMs);
      await places.take(async () => {
        if (control.signal.aborted) return;
        await audit(site, clock).catch((error: unknown) => {
          if (!control.signal.aborted) log.error({ err: error, site }, "audit failed");
        });
      });
      if (control.signal.aborted) return;
      // What has come too late for its moment has another one from now on, rather than two at once.
      dueAtMs = Math.max(dueAtMs + everyMs, performance.now());
    }
  };

  const keeping = new Map<string, Promise<void>>();
  const scheduling = supervise({
    name: "audits",
    log,
    run: async (signal) => {
      // Whoever has just started has other things to do than to be asked for proof.
      if (keeping.size === 0) await until(performance.now() + everyMs * calmShare, signal);
      while (!signal.aborted) {
        const askedAtMs = performance.now();
        const sites = await sitesOf(bus);
        if (sites === undefined) {
          // Operations is not up yet, or just being replaced.
          await until(askedAtMs + betweenTriesMs, signal);
          continue;
        }
        await knowSites(
          options.sql,
          sites.map(({ id }) => id),
        );
        for (const [index, { id }] of sites.entries())
          if (!keeping.has(id)) keeping.set(id, keepSite(id, askedAtMs + (everyMs * index) / sites.length));
        await until(askedAtMs + everyMs, signal);
      }
    },
  });

  return {
    audit,
    stop: async () => {
      control.abort();
      await scheduling.stop();
      await Promise.allSettled([...keeping.values(), ...underWay.values()]);
    },
  };
};
