import {
  AskDeviceReports,
  AskRecordings,
  AskRfidproRuns,
  AskSettingsHistory,
  type KeptRecording,
  type KeptReport,
  PlaceName,
  ReaderId,
  type RfidproRun,
  type SettingsChange,
  SiteId,
  StationId,
} from "@tagwire/messages";
import Type from "typebox";
import { inquire } from "../edge/questions.ts";
import type { Column } from "../transfer/export-formats.ts";
import { byCursor, column, type ExportList, list, managerPageRows, SiteParams } from "./export-list.ts";

const reportColumns: readonly Column<KeptReport>[] = [
  column("device", ({ device }) => device.id),
  column("incarnation", ({ device }) => device.incarnation),
  ...(["person", "headSeq", "queued", "attention", "oldestAt", "storage"] as const).map((name) =>
    column<KeptReport>(name, (report) => report[name]),
  ),
  column("discarded", ({ discarded = [] }) => JSON.stringify(discarded)),
  column("firstAt", ({ firstAt }) => firstAt),
  column("reportedAt", ({ reportedAt }) => reportedAt),
];

const recordingColumns: readonly Column<KeptRecording>[] = [
  ...(["name", "from", "until", "bytes", "frames"] as const).map((name) =>
    column<KeptRecording>(name, (recording) => recording[name]),
  ),
  column("goingOn", ({ goingOn }) => String(goingOn)),
];

const changeColumns: readonly Column<SettingsChange>[] = [
  ...(["epoch", "pos", "at"] as const).map((name) => column<SettingsChange>(name, (change) => change[name])),
  column("by", ({ by }) => by.person ?? by.device ?? by.reader),
  column("was", ({ was }) => (was === null ? null : JSON.stringify(was))),
  column("now", ({ now }) => (now === null ? null : JSON.stringify(now))),
  column("traceId", ({ traceId }) => traceId),
];

const runColumns: readonly Column<RfidproRun>[] = [
  ...(["id", "site", "by", "how", "state", "verdict", "why", "startedAt", "endedAt"] as const).map((name) =>
    column<RfidproRun>(name, (run) => run[name]),
  ),
  column("datasets", ({ datasets }) => JSON.stringify(datasets)),
  column("compare", ({ compare }) => String(compare)),
  column("import", ({ import: mayBe }) => String(mayBe)),
  column("incremental", ({ incremental }) => (incremental === undefined ? null : String(incremental))),
  ...(["continued", "differences", "agreement", "manifest"] as const).map((name) =>
    column<RfidproRun>(name, (run) => run[name]),
  ),
];

const settable = [
  { about: "reader", path: "readers", operationId: "exportReaderHistory", id: ReaderId },
  { about: "station", path: "stations", operationId: "exportStationHistory", id: StationId },
  { about: "zone", path: "zones", operationId: "exportZoneHistory", id: PlaceName },
] as const;

/** What devices, readers and pulls have said of themselves, and who set what, as files. */
export const toldExports: readonly ExportList[] = [
  list({
    path: "/device-reports",
    operationId: "exportDeviceReports",
    summary: "What the devices of a site last said of themselves, as a file",
    params: SiteParams,
    query: Type.Object({}),
    columns: reportColumns,
    pages: async function* ({ bus }, { params: { site } }) {
      yield (await inquire(bus, AskDeviceReports, { site })).reports;
    },
  }),
  list({
    path: "/readers/:id/recordings",
    operationId: "exportRecordings",
    summary: "Which recordings of a reader there are, as a file",
    params: Type.Object({ site: SiteId, id: ReaderId }),
    query: Type.Object({}),
    columns: recordingColumns,
    pages: async function* ({ bus }, { params }) {
      yield (await inquire(bus, AskRecordings, params)).recordings;
    },
  }),
  ...settable.map(({ about, path, operationId, id }) =>
    list({
      path: `/${path}/:id/history`,
      operationId,
      summary: `What was set of a ${about}, by whom and when, as a file`,
      params: Type.Object({ site: SiteId, id }),
      query: Type.Object({}),
      columns: changeColumns,
      pages: ({ bus }, { params }) =>
        byCursor(async (cursor) => {
          const asked = { ...params, about, limit: managerPageRows, cursor };
          const { changes, next } = await inquire(bus, AskSettingsHistory, asked);
          return { rows: changes, next };
        }),
    }),
  ),
  list({
    path: "/rfidpro/runs",
    isOfNoSite: true,
    operationId: "exportRfidproRuns",
    summary: "Pulls of RFIDpro as a file, newest first",
    params: Type.Object({}),
    query: Type.Object({ site: Type.Optional(SiteId) }),
    columns: runColumns,
    pages: ({ bus, sites }, { query: { site } }) =>
      byCursor(async (cursor) => {
        if (site !== undefined && cursor === null) await sites.check(site);
        const asked = { site: site ?? null, limit: managerPageRows, cursor };
        const { runs, next } = await inquire(bus, AskRfidproRuns, asked);
        return { rows: runs, next };
      }),
  }),
];
