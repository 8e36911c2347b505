import {
  AskFlaggedScans,
  AskIdleItems,
  AskPlaceCounts,
  AskServiceQueues,
  AskStaleItems,
  AskThroughput,
  AskUtilisation,
  type ClassUsage,
  FlaggedFilter,
  type FlaggedScan,
  IdleFilter,
  type IdleItem,
  type PlaceCount,
  type QueuedItem,
  QueueFilter,
  type ScanTally,
  StaleFilter,
  type StaleItem,
  seenBandsHours,
  ThroughputFilter,
  UtilisationFilter,
  type WorkerKind,
} from "@tagwire/messages";
import Type from "typebox";
import { inquire } from "../edge/questions.ts";
import type { Column } from "../transfer/export-formats.ts";
import { said } from "./board-page.ts";
import { columnsAsOf, pagesAsOf } from "./export-as-of.ts";
import { column, type ExportList, list, managerPageRows, SiteParams } from "./export-list.ts";

const limit = managerPageRows;

const queueColumns: readonly Column<QueuedItem>[] = [
  ...(["queue", "since", "crew", "tag", "class", "className"] as const).map((name) =>
    column<QueuedItem>(name, (row) => row[name]),
  ),
  ...(["name", "quality", "place", "notes"] as const).map((name) =>
    column<QueuedItem>(name, (row) => row[name]),
  ),
  column("condition", ({ condition }) => (condition === null ? null : JSON.stringify(condition))),
];

/** What one of them scanned in an hour or on a day: a row of the file. */
type TallyRow = ScanTally & { readonly kind: WorkerKind; readonly who: string; readonly start: string };

const throughputColumns: readonly Column<TallyRow>[] = [
  ...(["kind", "who", "start"] as const).map((name) => column<TallyRow>(name, (row) => row[name])),
  ...(["scans", "accepted", "alreadyApplied", "rejected", "quarantined"] as const).map((name) =>
    column<TallyRow>(name, (row) => row[name]),
  ),
];

const flaggedColumns: readonly Column<FlaggedScan>[] = [
  ...(["pos", "scan", "tag", "contract", "session", "outcome", "code"] as const).map((name) =>
    column<FlaggedScan>(name, (row) => row[name]),
  ),
  column("marks", ({ marks }) => marks.join(" ")),
  column("person", ({ by }) => by.person),
  column("device", ({ by }) => by.device),
  column("reader", ({ by }) => by.reader),
  ...(["scannedAt", "receivedAt", "recordedAt", "lateSeconds", "scanId", "event", "traceId"] as const).map(
    (name) => column<FlaggedScan>(name, (row) => row[name]),
  ),
];

/** How much a class was used, with the window that it is of. */
type UsageRow = ClassUsage & {
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
  readonly idleDays: number;
};

const usageColumns: readonly Column<UsageRow>[] = [
  ...(["class", "name", "category", "subcategory", "crew"] as const).map((name) =>
    column<UsageRow>(name, (row) => row[name]),
  ),
  ...(["itemDays", "outDays", "readyDays", "availableDays", "stagedDays", "provisionedDays"] as const).map(
    (name) => column<UsageRow>(name, (row) => row[name]),
  ),
  ...(["available", "idle", "idleSince"] as const).map((name) => column<UsageRow>(name, (row) => row[name])),
  ...(["inServiceDays", "missingDays", "utilisation"] as const).map((name) =>
    column<UsageRow>(name, (row) => row[name]),
  ),
  ...(["from", "to", "timeZone", "idleDays"] as const).map((name) =>
    column<UsageRow>(name, (row) => row[name]),
  ),
];

const idleColumns: readonly Column<IdleItem>[] = (
  ["tag", "class", "className", "crew", "status", "quality", "place", "role", "since", "lastSeenAt"] as const
).map((name) => column<IdleItem>(name, (row) => row[name]));

const placeColumns: readonly Column<PlaceCount>[] = [
  ...(["place", "items", "inService", "missing", "lastSeenAt"] as const).map((name) =>
    column<PlaceCount>(name, (row) => row[name]),
  ),
  ...[...seenBandsHours, null].map((hours, band) =>
    column<PlaceCount>(
      hours === null ? "seenEarlier" : `seenUnder${hours}Hours`,
      ({ seen }) => seen[band]?.items,
    ),
  ),
];

const staleColumns: readonly Column<StaleItem>[] = [
  ...(["tag", "class", "className", "crew", "status", "place", "role"] as const).map((name) =>
    column<StaleItem>(name, (row) => row[name]),
  ),
  ...(["since", "lastSeenAt"] as const).map((name) => column<StaleItem>(name, (row) => row[name])),
  column("limit", ({ name }) => name),
  column("limitDays", ({ days }) => days),
];

/** The figures that are lists, as files. Each page is of the position at which it was read, and each row says which that is. */
export const figureExports: readonly ExportList[] = [
  list({
    path: "/boards/queues",
    operationId: "exportServiceQueues",
    summary: "What waits in service as a file, what waits longest first",
    params: SiteParams,
    query: QueueFilter,
    columns: columnsAsOf(queueColumns),
    pages: ({ bus }, { params, query }, note) =>
      pagesAsOf(note, (cursor) =>
        inquire(bus, AskServiceQueues, { ...params, limit, cursor, ...said(query) }),
      ),
  }),
  list({
    path: "/boards/throughput",
    operationId: "exportThroughput",
    summary: "Scans by person, device and reader as a file, a row for each hour or day",
    params: SiteParams,
    query: ThroughputFilter,
    columns: columnsAsOf(throughputColumns),
    pages: ({ bus }, { params, query }, note) =>
      pagesAsOf(note, async (cursor) => {
        const asked = { ...params, limit, cursor, ...said(query) };
        const answer = await inquire(bus, AskThroughput, asked);
        const rows = answer.rows.flatMap(({ kind, who, spans }) =>
          spans.map((span) => ({ kind, who, ...span })),
        );
        return { ...answer, rows };
      }),
  }),
  list({
    path: "/boards/scans",
    operationId: "exportFlaggedScans",
    summary: "Late, flagged and rejected scans as a file, newest first",
    params: SiteParams,
    query: FlaggedFilter,
    columns: columnsAsOf(flaggedColumns),
    pages: ({ bus }, { params, query }, note) =>
      pagesAsOf(note, (cursor) =>
        inquire(bus, AskFlaggedScans, { ...params, limit, cursor, ...said(query) }),
      ),
  }),
  list({
    path: "/boards/utilisation",
    operationId: "exportUtilisation",
    summary: "Utilisation and idle items by class as a file",
    params: SiteParams,
    query: UtilisationFilter,
    columns: columnsAsOf(usageColumns),
    pages: ({ bus }, { params, query }, note) =>
      pagesAsOf(note, async (cursor) => {
        const answer = await inquire(bus, AskUtilisation, { ...params, limit, cursor, ...said(query) });
        const { from, to, timeZone, idleDays } = answer;
        return { ...answer, rows: answer.rows.map((row) => ({ ...row, from, to, timeZone, idleDays })) };
      }),
  }),
  list({
    path: "/boards/places",
    operationId: "exportPlaceCounts",
    summary: "How much is at each place and when it was seen last as a file",
    params: SiteParams,
    query: Type.Object({}),
    columns: columnsAsOf(placeColumns),
    pages: ({ bus }, { params }, note) =>
      pagesAsOf(note, (cursor) => inquire(bus, AskPlaceCounts, { ...params, limit, cursor })),
  }),
  list({
    path: "/boards/idle",
    operationId: "exportIdleItems",
    summary: "Items that are available and were not on contract for long as a file",
    params: SiteParams,
    query: IdleFilter,
    columns: columnsAsOf(idleColumns),
    pages: ({ bus }, { params, query }, note) =>
      pagesAsOf(note, (cursor) => inquire(bus, AskIdleItems, { ...params, limit, cursor, ...said(query) })),
  }),
  list({
    path: "/boards/stale",
    operationId: "exportStaleItems",
    summary: "Items that no scan touched for longer than their limit as a file, the oldest first",
    params: SiteParams,
    query: StaleFilter,
    columns: columnsAsOf(staleColumns),
    pages: ({ bus }, { params, query }, note) =>
      pagesAsOf(note, (cursor) => inquire(bus, AskStaleItems, { ...params, limit, cursor, ...said(query) })),
  }),
];
