import {
  type Alert,
  type AlertKind,
  type AlertState,
  AskAlerts,
  AskEvents,
  AskItems,
  AskStations,
  AskTimeline,
  Fault,
  filterPropertiesOf,
  type Item,
  type ItemChange,
  type LoggedEvent,
  normaliseTag,
  parsePosition,
  positionText,
  ReadRules,
  type ScanQuarantined,
  SiteId,
  type Station,
  type TimelineRow,
} from "@tagwire/messages";
import Type from "typebox";
import type { Edge } from "../edge/edge.ts";
import { inquire } from "../edge/questions.ts";
import { filterWanted } from "../live/query-filter.ts";
import type { Column } from "../transfer/export-formats.ts";
import { recordColumns, recordPages } from "./export-as-of.ts";
import { boardExports } from "./export-boards.ts";
import { figureExports } from "./export-figures.ts";
import { healthExports } from "./export-health.ts";
import { installationExports } from "./export-installation.ts";
import { lagExports } from "./export-lag.ts";
import { laundryExports } from "./export-laundry.ts";
import {
  byCursor,
  column,
  type ExportList,
  list,
  managerPageRows,
  pageRows,
  SiteParams,
} from "./export-list.ts";
import { readerExports } from "./export-readers.ts";
import { recordExports } from "./export-records.ts";
import { rfidproExports } from "./export-rfidpro.ts";
import { settingExports } from "./export-settings.ts";
import { toldExports } from "./export-told.ts";
import { identityOf } from "./item-view.ts";
import { ItemsFilter, itemsWanted } from "./items-filter.ts";

const nameOf = ({ by }: { by: LoggedEvent["by"] }) => by.person ?? by.device ?? by.reader;

export const itemColumns: readonly Column<Item>[] = [
  ...(["tag", "class", "name", "status", "quality", "place", "role", "notes", "contract"] as const).map(
    (name) => column<Item>(name, (item) => item[name]),
  ),
  column("condition", ({ condition }) => (condition == null ? null : JSON.stringify(condition))),
  ...(["version", "pos", "lastFactAt", "placeAt", "qualityAt"] as const).map((name) =>
    column<Item>(name, (item) => item[name]),
  ),
  column("lastScanAt", ({ lastScan }) => lastScan?.scannedAt),
  column("lastScanType", ({ lastScan }) => lastScan?.type),
  column("lastServiceAt", ({ lastService }) => lastService?.at),
  column("technician", ({ lastService }) => lastService?.technician),
  column("done", ({ lastService }) => lastService?.done.join("; ")),
  column("replaces", ({ replaces }) => replaces),
  column("replacedBy", ({ replacedBy }) => replacedBy),
  column("epcScheme", (item) => identityOf(item).scheme),
  column("epcUri", (item) => {
    const identity = identityOf(item);
    return "uri" in identity ? identity.uri : undefined;
  }),
];

const eventColumns: readonly Column<LoggedEvent>[] = [
  ...(["epoch", "pos", "id", "type", "tag", "contract", "session", "scanId", "scannedAt"] as const).map(
    (name) => column<LoggedEvent>(name, (event) => event[name]),
  ),
  ...(["receivedAt", "recordedAt"] as const).map((name) => column<LoggedEvent>(name, (event) => event[name])),
  column("by", nameOf),
  column("traceId", ({ traceId }) => traceId),
  column("data", ({ data }) => JSON.stringify(data)),
  column("hash", ({ hash }) => hash),
];

/** What a scan says of work, whether or not anything was completed by it. */
const worked = (data: TimelineRow["data"]): Partial<NonNullable<ItemChange["scan"]>> =>
  (data as Partial<ItemChange>).scan ?? {};

/** The chip as a reader read it; of a tag that nobody knew then, the event says it itself. */
const tidOf = ({ data }: TimelineRow): string | undefined =>
  worked(data).tid ?? (data as Partial<ScanQuarantined>).tid;

const timelineColumns: readonly Column<TimelineRow>[] = [
  ...(["kind", "type", "epoch", "pos", "scanId", "scannedAt", "receivedAt", "recordedAt"] as const).map(
    (name) => column<TimelineRow>(name, (row) => row[name]),
  ),
  column("by", nameOf),
  ...(["place", "contract", "outcome", "code"] as const).map((name) =>
    column<TimelineRow>(name, (row) => row[name]),
  ),
  column("flags", ({ flags }) => flags.join(" ")),
  column("technician", ({ completed, data }) => completed?.technician ?? worked(data).technician),
  column("done", (row) => (row.completed?.done ?? worked(row.data).done ?? []).join("; ")),
  column("traceId", ({ traceId }) => traceId),
  column("data", ({ data }) => JSON.stringify(data)),
  column("station", ({ data }) => worked(data).station),
  column("tid", tidOf),
];

const stationColumns: readonly Column<Station>[] = [
  ...(["id", "mode", "place"] as const).map((name) => column<Station>(name, (station) => station[name])),
  column("inside", ({ portal }) => portal?.inside),
  column("outside", ({ portal }) => portal?.outside),
  column("passageBy", ({ portal }) => portal?.by),
  ...(Object.keys(ReadRules.properties) as (keyof ReadRules)[]).map((name) =>
    column<Station>(name, ({ rules }) => (name === "tags" ? rules.tags?.join(" ") : rules[name])),
  ),
];

const alertColumns: readonly Column<Alert>[] = [
  ...(["id", "rule", "kind", "name", "severity", "group", "state", "count"] as const).map((name) =>
    column<Alert>(name, (alert) => alert[name]),
  ),
  ...(["openedAt", "changedAt", "acknowledgedBy", "snoozedUntil", "resolvedAt", "resolvedBy"] as const).map(
    (name) => column<Alert>(name, (alert) => alert[name]),
  ),
  column("examples", ({ examples }) => JSON.stringify(examples)),
  ...(["epoch", "pos", "asOf"] as const).map((name) => column<Alert>(name, (alert) => alert[name])),
];

/** The log up to where it is when the export begins: one that grows meanwhile is no export without an end. */
async function* eventPages(edge: Edge, site: string, after: string): AsyncGenerator<readonly LoggedEvent[]> {
  const from = parsePosition(after) ?? { epoch: 0, pos: 0 };
  let { epoch, pos } = from;
  let end: number | undefined;
  do {
    const feed = await inquire(edge.bus, AskEvents, { site, epoch, after: pos, limit: pageRows });
    const isForeign = feed.epoch !== epoch || pos > feed.head;
    if (isForeign && !(epoch === 0 && pos === 0))
      throw new Fault("epoch_unknown", positionText({ epoch, pos }));
    end ??= feed.head;
    const last = end;
    yield feed.events.filter((event) => event.pos <= last);
    if (feed.events.length === 0) return;
    epoch = feed.epoch;
    pos = feed.events.at(-1)?.pos ?? pos;
  } while (pos < end);
}

/**
 * Every list that can be taken out as a file. To add one is to say where it is, its columns and its pages.
 */
export const exportLists: readonly ExportList[] = [
  ...settingExports,
  ...figureExports,
  ...boardExports,
  ...lagExports,
  ...toldExports,
  ...recordExports,
  ...laundryExports,
  ...installationExports,
  ...healthExports,
  ...readerExports,
  ...rfidproExports,
  list({
    path: "/items",
    operationId: "exportItems",
    summary: "Items of a site as a file, in the order of their tags",
    params: SiteParams,
    query: ItemsFilter,
    columns: recordColumns(itemColumns),
    pages: (edge, { params, query }, note) => {
      const asked = { site: params.site, limit: pageRows, ...itemsWanted(query) };
      return recordPages(note, async (cursor) => {
        const { items, ...answer } = await inquire(edge.bus, AskItems, { ...asked, cursor });
        return { rows: items, ...answer };
      });
    },
  }),
  list({
    path: "/events",
    operationId: "exportEvents",
    summary: "The log of a site as a file, from a position to where it is now",
    params: SiteParams,
    query: Type.Object({
      after: Type.Optional(
        Type.String({ pattern: "^\\d{1,15}:\\d{1,15}$", description: "epoch:pos; 0:0 is the beginning" }),
      ),
    }),
    columns: eventColumns,
    pages: (edge, { params, query }) => eventPages(edge, params.site, query.after ?? "0:0"),
  }),
  list({
    path: "/items/:tag/timeline",
    operationId: "exportItemTimeline",
    summary: "Everything that happened to an item as a file, newest first",
    params: Type.Object({ site: SiteId, tag: Type.String({ maxLength: 1_024 }) }),
    query: Type.Object({}),
    columns: timelineColumns,
    pages: (edge, { params }) => {
      const tag = normaliseTag(params.tag);
      if (tag === undefined) throw new Fault("tag_malformed", "");
      return byCursor(async (cursor) => {
        const { site } = params;
        const { rows, next, known } = await inquire(edge.bus, AskTimeline, {
          site,
          tag,
          limit: pageRows,
          cursor,
        });
        if (!known && cursor === null) throw new Fault("tag_unknown", tag);
        return { rows, next };
      });
    },
  }),
  list({
    path: "/alerts",
    operationId: "exportAlerts",
    summary: "Alerts of a site as a file, newest first",
    params: SiteParams,
    query: Type.Object(filterPropertiesOf("alerts")),
    columns: alertColumns,
    pages: (edge, { params, query }) => {
      const { state, kind } = filterWanted("alerts", query);
      return byCursor(async (cursor) => {
        const { alerts, next } = await inquire(edge.bus, AskAlerts, {
          ...{ site: params.site, limit: managerPageRows, cursor },
          ...(state === undefined ? {} : { states: state as AlertState[] }),
          ...(kind === undefined ? {} : { kinds: kind as AlertKind[] }),
        });
        return { rows: alerts, next };
      });
    },
  }),
  list({
    path: "/stations",
    operationId: "exportStations",
    summary: "Stations of a site as a file, with the rules that they set",
    params: SiteParams,
    query: Type.Object({}),
    columns: stationColumns,
    pages: async function* (edge, { params }) {
      yield (await inquire(edge.bus, AskStations, { site: params.site })).stations;
    },
  }),
];
