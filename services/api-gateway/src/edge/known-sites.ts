import type { Bus } from "@tagwire/bus";
import { AskSites, Fault, type Site } from "@tagwire/messages";
import { inquire } from "./questions.ts";

export type KnownSites = {
  readonly list: () => Promise<Site[]>;
  /** @throws Fault `site_unknown` */
  readonly check: (site: string) => Promise<void>;
};

/** Which sites there are. A site never ends, so one that was seen once is known for good. */
export const openKnownSites = (bus: Bus): KnownSites => {
  const seen = new Set<string>();
  const list = async () => {
    const { sites } = await inquire(bus, AskSites, {});
    for (const { id } of sites) seen.add(id);
    return sites;
  };
  return {
    list,
    check: async (site) => {
      if (seen.has(site)) return;
      await list();
      if (!seen.has(site)) throw new Fault("site_unknown", site);
    },
  };
};
