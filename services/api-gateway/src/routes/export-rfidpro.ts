import {
  AskRfidproDifferences,
  AskRfidproImportRows,
  ClientId,
  type RfidproDifference,
  type RfidproRuledRow,
  ruledRowsPerPageMax,
} from "@tagwire/messages";
import Type from "typebox";
import type { Edge } from "../edge/edge.ts";
import { inquire } from "../edge/questions.ts";
import type { Column } from "../transfer/export-formats.ts";
import { byCursor, column, type ExportList, list, managerPageRows, SiteParams } from "./export-list.ts";
import { RfidproDifferencesFilter, rfidproDifferencesWanted } from "./rfidpro-differences.ts";

const columns: readonly Column<RfidproDifference>[] = [
  ...(["id", "class", "kind", "key", "tag", "state", "owner", "dueAt", "resolution"] as const).map((name) =>
    column<RfidproDifference>(name, (one) => one[name]),
  ),
  ...(["firstSeenAt", "lastSeenAt", "seen", "reopened", "revision"] as const).map((name) =>
    column<RfidproDifference>(name, (one) => one[name]),
  ),
  column("fields", ({ fields }) => fields.join("; ")),
  column("rfidpro", ({ rfidpro }) => (rfidpro === null ? null : JSON.stringify(rfidpro))),
  column("operations", ({ operations }) => (operations === null ? null : JSON.stringify(operations))),
];

type Wanted = Parameters<typeof rfidproDifferencesWanted>[0];

const pages = (edge: Edge, of: { site: string | null; run: string | null }, query: Wanted) => {
  const asked = { ...of, limit: managerPageRows, ...rfidproDifferencesWanted(query) };
  return byCursor(async (cursor) => {
    const { differences, next } = await inquire(edge.bus, AskRfidproDifferences, { ...asked, cursor });
    return { rows: differences, next };
  });
};

/** Differences to RFIDpro as files, all of them, and the report of an import: every row with the rule that it fell under. */
export const rfidproExports: readonly ExportList[] = [
  list({
    path: "/rfidpro/differences",
    operationId: "exportRfidproDifferences",
    summary: "In what RFIDpro and operations differ at a site now, as a file",
    params: SiteParams,
    query: RfidproDifferencesFilter,
    columns,
    pages: (edge, { params: { site }, query }) => pages(edge, { site, run: null }, query),
  }),
  list({
    path: "/rfidpro/runs/:id/differences",
    isOfNoSite: true,
    operationId: "exportRfidproRunDifferences",
    summary: "What a pull differed in from operations, as a file",
    params: Type.Object({ id: ClientId }),
    query: RfidproDifferencesFilter,
    columns,
    pages: (edge, { params: { id: run }, query }) => pages(edge, { site: null, run }, query),
  }),
  list({
    path: "/rfidpro/runs/:id/import",
    isOfNoSite: true,
    operationId: "exportRfidproImport",
    summary:
      "Every row that fell under a rule of an import, or was refused, as a file: what it is, and what was done with it; what an import has brought in before is counted in the preview, and not listed",
    params: Type.Object({ id: ClientId }),
    query: Type.Object({}),
    columns: (["rule", "what", "row", "identity"] as const).map((name) =>
      column<RfidproRuledRow>(name, (one) => one[name]),
    ),
    pages: (edge, { params: { id: run } }) =>
      byCursor((cursor) =>
        inquire(edge.bus, AskRfidproImportRows, { run, limit: ruledRowsPerPageMax, cursor }),
      ),
  }),
];
