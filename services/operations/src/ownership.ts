import type { Relay } from "@tagwire/actor";
import type { Subscription } from "@tagwire/bus";
import { Fault, type Position, partitionOf } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { SiteHead } from "./store/sites.ts";
import type { SiteTurns } from "./turns.ts";

export type Ownership = {
  readonly gained: (partition: number) => Promise<void>;
  /** Resolves when nothing of the partition runs here any more. */
  readonly lost: (partition: number) => Promise<void>;
  readonly partitions: () => readonly number[];
};

/** What begins with a partition and ends with it: its commands are heard, and its sites have turns and a way to the stream. */
export const createOwnership = (options: {
  turns: Pick<SiteTurns, "head" | "heads" | "keys" | "adopt" | "drop" | "forget">;
  relay: Pick<Relay, "adopt">;
  sitesOf: (
    partition: number,
  ) => Promise<readonly { readonly site: string; readonly head: SiteHead; readonly relayed: Position }[]>;
  hear: (partition: number) => Subscription;
  changed: () => void;
  log: Logger;
}): Ownership => {
  const { turns, relay, log } = options;
  const hearing = new Map<number, Subscription>();

  // A site can be forgotten while its turn still runs, as after a commit whose outcome is not known: its mailbox tells of it.
  const sitesHere = (partition: number): string[] =>
    [...new Set([...turns.heads().keys(), ...turns.keys()])].filter(
      (site) => partitionOf(site) === partition,
    );

  return {
    gained: async (partition) => {
      for (const { site, head, relayed } of await options.sitesOf(partition)) {
        // A partition that comes back at once still brings observations: a turn may have gone past what was read just now.
        if (turns.head(site) !== undefined) continue;
        turns.adopt(site, head);
        relay.adopt(site, relayed, head.pos);
      }
      hearing.set(partition, options.hear(partition));
      options.changed();
    },
    lost: async (partition) => {
      const subscription = hearing.get(partition);
      hearing.delete(partition);
      options.changed();
      await Promise.all([
        subscription?.stop().catch((err: unknown) => log.warn({ err, partition }, "commands still heard")),
        ...sitesHere(partition).map((site) => turns.drop(site, new Fault("unavailable", site))),
      ]);
      for (const site of sitesHere(partition)) turns.forget(site);
    },
    partitions: () => [...hearing.keys()],
  };
};
