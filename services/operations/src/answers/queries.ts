import { answer, type Bus, type Subscription } from "@tagwire/bus";
import {
  AskEvents,
  AskItem,
  AskItemDigest,
  AskItems,
  AskReceipt,
  AskSiteMigration,
  AskSites,
  AskTimeline,
  Fault,
  type Item,
  type ItemChange,
  ItemServiced,
  ItemSighted,
  type LoggedEvent,
  normaliseTag,
  type Outcome,
  parsePosition,
  positionText,
  ScanQuarantined,
  ScanRefused,
  type TimelineRow,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { readEvents, readTimeline } from "../store/events.ts";
import { digestItems, findItem, listItems } from "../store/items.ts";
import { readMigration } from "../store/migration.ts";
import { findReceipt } from "../store/receipts.ts";
import { findSite, listSites } from "../store/sites.ts";
import { readAtHead } from "./at-head.ts";
import { decodeText, encodeText, pageOf, withinAnswer } from "./page.ts";
import { answerPhotos } from "./photos.ts";
import { answerRecords } from "./records.ts";
import { answerRounds } from "./rounds.ts";
import { answerSettingsHistory } from "./settings-history.ts";
import { answerStockRule } from "./stock-rule.ts";
import { answerZones } from "./zones.ts";

/** What became of scans that no item carried the tag of; their events say it by their type. */
const strayOutcomes: Readonly<Record<string, Outcome>> = {
  [ScanQuarantined.type]: "quarantined",
  [ScanRefused.type]: "rejected",
};

const timelineRow = (event: LoggedEvent): TimelineRow => {
  const { scan, code, outcome, flags } = event.data as Partial<ItemChange>;
  const strayOutcome = strayOutcomes[event.type];
  const { set } = event.data as Partial<ItemChange>;
  const completed = event.type === ItemServiced.type ? set?.lastService : undefined;
  const isSighting = event.type === ItemSighted.type || strayOutcome !== undefined;
  return {
    kind: isSighting ? "sighting" : "event",
    type: event.type,
    epoch: event.epoch,
    pos: event.pos,
    scannedAt: event.scannedAt ?? null,
    receivedAt: event.receivedAt,
    recordedAt: event.recordedAt,
    by: event.by,
    outcome: outcome ?? strayOutcome ?? "accepted",
    flags: flags ?? [],
    traceId: event.traceId,
    data: event.data,
    ...(event.scanId === undefined ? {} : { scanId: event.scanId }),
    ...(event.contract === undefined ? {} : { contract: event.contract }),
    ...(scan?.place === undefined ? {} : { place: scan.place }),
    ...(code === undefined ? {} : { code }),
    ...(completed == null ? {} : { completed }),
  };
};

const decodeCursor = (cursor: string | null): string | undefined => {
  if (cursor === null) return undefined;
  const tag = normaliseTag(decodeText(cursor));
  if (tag === undefined) throw new Fault("malformed", "cursor");
  return tag;
};

/** Nobody can have a malformed tag, so there is nothing to look for. */
const findByTag = async (sql: Sql, site: string, tag: string | undefined): Promise<Item | undefined> =>
  tag === undefined ? undefined : findItem(sql, site, tag);

/** Every question operations answers, by any replica, from the rows themselves: who was told "accepted" reads what was accepted. */
export const answerQueries = (bus: Bus, sql: Sql): readonly Subscription[] => [
  answer(bus, AskSites, async () => ({ sites: await listSites(sql) })),

  answer(bus, AskItem, async ({ site, tag }) => ({
    item: (await findByTag(sql, site, normaliseTag(tag))) ?? null,
  })),

  answer(bus, AskItems, ({ cursor, ...query }) =>
    readAtHead(sql, query.site, async (at) => {
      const items = await listItems(at, { ...query, after: decodeCursor(cursor) });
      const { page, more } = pageOf(items, query.limit);
      const last = page.at(-1);
      return { items: page, next: more && last !== undefined ? encodeText(last.tag) : null };
    }),
  ),

  answer(bus, AskTimeline, async ({ site, tag, cursor, limit }) => {
    const before = cursor === null ? undefined : parsePosition(cursor);
    if (cursor !== null && before === undefined) throw new Fault("malformed", "cursor");
    const known = normaliseTag(tag);
    return readAtHead(sql, site, async (at) => {
      const events = known === undefined ? [] : await readTimeline(at, { site, tag: known, before, limit });
      const { page, more } = pageOf(events, limit);
      const last = page.at(-1);
      return {
        rows: page.map(timelineRow),
        next: more && last !== undefined ? positionText(last) : null,
        known: page.length > 0 || (await findByTag(at, site, known)) !== undefined,
      };
    });
  }),

  answer(bus, AskReceipt, async ({ site, id }) => ({ receipt: (await findReceipt(sql, site, id)) ?? null })),

  answer(bus, AskEvents, async ({ site, epoch, after, limit }) => {
    const found = await findSite(sql, site);
    if (found === undefined || found.head.pos === 0) throw new Fault("site_unknown", site);
    const { head } = found;
    // Epoch 0 stands for "from the beginning of whatever epoch it is".
    if (epoch !== 0 && epoch !== head.epoch) return { epoch: head.epoch, head: head.pos, events: [] };
    const from = { epoch: head.epoch, pos: epoch === 0 ? 0 : after };
    return {
      epoch: head.epoch,
      head: head.pos,
      events: withinAnswer(await readEvents(sql, site, from, limit)),
    };
  }),

  answer(bus, AskSiteMigration, async ({ site }) => {
    const migration = await readMigration(sql, site);
    if (migration === undefined) throw new Fault("site_unknown", site);
    return migration;
  }),

  answerStockRule(bus, sql),
  answerZones(bus, sql),
  ...answerPhotos(bus, sql),
  ...answerRecords(bus, sql),
  ...answerRounds(bus, sql),
  answerSettingsHistory(bus, sql),

  answer(bus, AskItemDigest, async ({ site }) => digestItems(sql, site)),
];
