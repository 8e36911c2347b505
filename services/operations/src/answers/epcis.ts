import { answer, type Bus, type Subscription } from "@tagwire/bus";
import { digitalLinkOf } from "@tagwire/epc";
import {
  AskEpcisEvent,
  AskEpcisEvents,
  AskEpcisValues,
  AskEpcTags,
  AskScanTags,
  Fault,
  type LoggedEvent,
  positionText,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { ExportSite } from "../actors/epcis/export.ts";
import { isWanted, type Narrowing, namesIn, narrowingOf, saysWanted } from "../actors/epcis/filter.ts";
import { digestOfHashId } from "../actors/epcis/hash-id.ts";
import { findIds, rememberIds } from "../store/epcis-ids.ts";
import { inOrder, type LogOrder, readEventsAt, readForExport } from "../store/epcis-log.ts";
import { findScanTags } from "../store/receipts.ts";
import { findSite } from "../store/sites.ts";
import { findCarriers, findTagsNamed } from "../store/thing-names.ts";
import { readPage, type Told, tell } from "./epcis-page.ts";
import { readValues } from "./epcis-values.ts";

/** @throws Fault `site_unknown` */
const siteOf = async (sql: Sql, site: string): Promise<ExportSite> => {
  const found = await findSite(sql, site);
  if (found === undefined || found.head.pos === 0) throw new Fault("site_unknown", site);
  return { id: site, timeZone: found.site.timeZone };
};

/** The events behind ids that somebody was told; of any other nothing is known. */
const readByIds = async (sql: Sql, site: string, eventIds: readonly string[]): Promise<LoggedEvent[]> => {
  const digests = eventIds.flatMap((id) => digestOfHashId(id) ?? []);
  const found = await findIds(sql, site, digests);
  const places = new Map(found.map(({ epoch, pos }) => [positionText({ epoch, pos }), { epoch, pos }]));
  return readEventsAt(sql, site, [...places.values()]);
};

/**
 * The EPCIS event that was told under an id. Its words may have changed since, and its id with them: then it is the one at the same
 * place among those that the event of the log becomes, and the last of them for an id from when that was one.
 */
const findTold = async (sql: Sql, site: ExportSite, eventId: string): Promise<Told | undefined> => {
  const [found] = await findIds(sql, site.id, listed(digestOfHashId(eventId)));
  if (found === undefined) return undefined;
  const [told = []] = await tell(sql, site, await readEventsAt(sql, site.id, [found]));
  const same = told.find(({ event }) => event.eventID === eventId);
  return same ?? (found.part === null ? undefined : told[found.part]) ?? told.at(-1);
};

const listed = (digest: string | undefined): readonly string[] => (digest === undefined ? [] : [digest]);

/** Whether a filter asks for what no row can be. */
const isVain = ({ types, tags, contracts, seenAt, isAt }: Narrowing): boolean =>
  [types, tags, contracts, seenAt, isAt].some((one) => one?.length === 0);

/** The questions about EPCIS events; what they say is decided in `actors/epcis`. */
export const answerEpcis = (bus: Bus, sql: Sql): readonly Subscription[] => [
  answer(bus, AskEpcisEvents, async ({ site: id, filter, order, descending, limit, after }) => {
    const site = await siteOf(sql, id);
    const needs = narrowingOf(id, filter, await findTagsNamed(sql, id, namesIn(filter)));
    if (isVain(needs)) return { events: [], next: null };
    const sequence: LogOrder = { order, descending };
    const byIds = filter.eventIds === undefined ? undefined : await readByIds(sql, id, filter.eventIds);
    return readPage(sql, site, {
      limit,
      descending,
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
    const told = await findTold(sql, site, eventId);
    if (told === undefined) return { event: null };
    await rememberIds(sql, id, told.ids);
    return { event: told.event };
  }),

  answer(bus, AskEpcisValues, async ({ site: id, resource, limit, after }) => {
    const { id: site } = await siteOf(sql, id);
    return readValues(sql, resource, { site, limit, after });
  }),

  // By the names that things keep through their changes of tags, and that all tags of a thing say.
  answer(bus, AskEpcTags, async ({ site, epcs }) => {
    const named = new Map(epcs.map((epc) => [epc, digitalLinkOf(epc) ?? epc]));
    const carriers = await findCarriers(sql, site, [...new Set(named.values())]);
    return {
      tags: Object.fromEntries(
        [...named].flatMap(([epc, name]) => {
          const [only, ...others] = carriers.get(name) ?? [];
          return only === undefined || others.length > 0 ? [] : [[epc, only] as const];
        }),
      ),
    };
  }),

  answer(bus, AskScanTags, async ({ site, ids }) => ({
    tags: Object.fromEntries(await findScanTags(sql, site, ids)),
  })),
];
