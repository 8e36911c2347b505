import { answer, type Bus, type Subscription } from "@tagwire/bus";
import { AskEpcisEvent, AskEpcisEvents, AskEpcTags, Fault, type LoggedEvent } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { tagsOfEpcs } from "../actors/epcis/epc-tags.ts";
import type { ExportSite } from "../actors/epcis/export.ts";
import { isWanted, type Narrowing, narrowingOf, saysWanted } from "../actors/epcis/filter.ts";
import { digestOfHashId } from "../actors/epcis/hash-id.ts";
import { findIds, rememberIds } from "../store/epcis-ids.ts";
import { inOrder, type LogOrder, readEventsAt, readForExport } from "../store/epcis-log.ts";
import { findKnownTags } from "../store/items.ts";
import { findSite } from "../store/sites.ts";
import { readPage, tell } from "./epcis-page.ts";

/** @throws Fault `site_unknown` */
const siteOf = async (sql: Sql, site: string): Promise<ExportSite> => {
  const found = await findSite(sql, site);
  if (found === undefined || found.head.pos === 0) throw new Fault("site_unknown", site);
  return { id: site, timeZone: found.site.timeZone };
};

/** The events behind ids that somebody was told; of any other nothing is known. */
const readByIds = async (sql: Sql, site: string, eventIds: readonly string[]): Promise<LoggedEvent[]> => {
  const digests = eventIds.flatMap((id) => digestOfHashId(id) ?? []);
  return readEventsAt(sql, site, await findIds(sql, site, digests));
};

/** Whether a filter asks for what no row can be. */
const isVain = ({ types, tags, contracts, seenAt, isAt }: Narrowing): boolean =>
  [types, tags, contracts, seenAt, isAt].some((one) => one?.length === 0);

/** The questions about EPCIS events; what they say is decided in `actors/epcis`. */
export const answerEpcis = (bus: Bus, sql: Sql): readonly Subscription[] => [
  answer(bus, AskEpcisEvents, async ({ site: id, filter, order, descending, limit, after }) => {
    const site = await siteOf(sql, id);
    const needs = narrowingOf(id, filter);
    if (isVain(needs)) return { events: [], next: null };
    const sequence: LogOrder = { order, descending };
    const byIds = filter.eventIds === undefined ? undefined : await readByIds(sql, id, filter.eventIds);
    return readPage(sql, site, {
      limit,
      after,
      read: async (from, rows) =>
        byIds === undefined
          ? readForExport(sql, { site: id, needs, span: filter, ...sequence, after: from, rows })
          : { events: inOrder(byIds, sequence, from), end: undefined },
      mayBeWanted: (event) => saysWanted(event, filter),
      isWanted: (event) => isWanted(event, filter),
    });
  }),

  answer(bus, AskEpcisEvent, async ({ site: id, eventId }) => {
    const site = await siteOf(sql, id);
    const [told] = await tell(sql, site, await readByIds(sql, id, [eventId]));
    if (told === undefined) return { event: null };
    await rememberIds(sql, id, told.ids);
    return { event: told.event };
  }),

  answer(bus, AskEpcTags, async ({ site, epcs }) => {
    const candidates = tagsOfEpcs(epcs);
    const known = await findKnownTags(sql, site, [...candidates.keys()]);
    const carriers = Map.groupBy(known, (tag) => candidates.get(tag) ?? "");
    return {
      tags: Object.fromEntries(
        [...carriers].flatMap(([epc, tags]) => (tags.length === 1 ? [[epc, tags[0] ?? ""] as const] : [])),
      ),
    };
  }),
];
