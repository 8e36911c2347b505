import { supervise } from "@tagwire/actor";
import { type Bus, hear } from "@tagwire/bus";
import type { Logger } from "@tagwire/service";
import type { Sql } from "@tagwire/store";
import { createBell } from "../delivering/bell.ts";
import type { Work } from "../noticing/lead.ts";
import { listFollowed } from "../store/prefetch-accounts.ts";
import { followPage } from "./follow.ts";
import { joinPairs, judgeSources, keepAccounts } from "./keep.ts";
import type { PrefetchMeters } from "./meters.ts";

/** Without a head that says so, logs are looked at for more this often, in ms. */
const lookIntervalMs = 5_000;
/** What is scanned in between is counted together; nobody waits for these figures. */
const gatherMs = 500;
const keepIntervalMs = 600_000;

export type FollowDevicesOptions = {
  readonly bus: Bus;
  readonly sql: Sql;
  readonly projection: Sql;
  readonly meters: PrefetchMeters;
  readonly log: Logger;
};

/** Follows what devices do with what they were handed, for as long as this process leads. Sites where nobody was handed anything cost nothing. */
export const followDevices =
  (options: FollowDevicesOptions): Work =>
  (lease) => {
    const { bus, sql, projection, meters, log } = options;
    const own = { bus, sql, lease, meters };
    const bell = createBell();
    /** How far logs are, as last heard; whoever is not named is looked at. */
    const heads = new Map<string, string>();
    let keptAtMs = Number.NEGATIVE_INFINITY;

    const followAll = async (signal: AbortSignal) => {
      for (const site of await listFollowed(sql)) {
        const { epoch, pos } = site.position;
        if (heads.get(site.site) === `${epoch}:${pos}`) continue;
        let position = site;
        while (!signal.aborted && (await followPage(position, own))) {
          const moved = (await listFollowed(sql)).find((one) => one.site === site.site);
          if (moved === undefined) break;
          position = moved;
        }
      }
    };
    const keep = async () => {
      if (performance.now() - keptAtMs < keepIntervalMs) return;
      await keepAccounts(own, Date.now());
      for (const site of await listFollowed(sql)) {
        await judgeSources({ sql, projection, lease }, site.site, Date.now());
        await joinPairs({ sql, projection, lease }, site, Date.now());
      }
      keptAtMs = performance.now();
    };

    const hearing = hear(bus, "head.*", (message) => {
      const site = message.subject.slice("head.".length);
      const { epoch, pos } = message.json<{ epoch: number; pos: number }>();
      const head = `${epoch}:${pos}`;
      if (heads.get(site) === head) return;
      heads.set(site, head);
      bell.ring();
    });
    const running = supervise({
      name: "prefetching",
      run: async (signal) => {
        signal.addEventListener("abort", bell.ring, { once: true });
        while (!signal.aborted) {
          await followAll(signal);
          await keep();
          // Heads are words that may be lost: now and then the logs themselves are asked.
          if (!(await bell.nap(lookIntervalMs))) heads.clear();
          if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, gatherMs));
        }
      },
      log,
    });
    return {
      stop: async () => {
        await running.stop();
        await hearing.stop();
      },
    };
  };
