import { SiteCreated } from "@tagwire/messages";
import { saveSites } from "../store/sites.ts";
import { board } from "./board.ts";

/** What the sites are called, and the zone in which their days begin. */
export const sites = board<null, SiteCreated>({
  name: "sites.1",
  tables: ["site"],
  concerns: ({ event }) => event.type === SiteCreated.type,
  find: async (_sql, runs) => new Map(runs.map(({ site }) => [site, null])),
  fold: (_known, { happenings }) => happenings.at(-1)?.event.data as SiteCreated,
  save: saveSites,
});
