import {
  AskAudits,
  AskDeviceLedgers,
  AskFindings,
  type Audit,
  type DeviceLedger,
  type Finding,
} from "@tagwire/messages";
import Type from "typebox";
import { inquire } from "../edge/questions.ts";
import type { Column } from "../transfer/export-formats.ts";
import { byCursor, column, type ExportList, list, managerPageRows, SiteParams } from "./export-list.ts";
import { FindingsFilter, findingsWanted } from "./findings.ts";

const position = (at: { readonly epoch: number; readonly pos: number } | null) =>
  at === null ? null : `${at.epoch}:${at.pos}`;

const auditColumns: readonly Column<Audit>[] = [
  ...(["id", "startedAt", "by", "verdict", "why", "durationMs", "bucketsCompared", "rowsRead"] as const).map(
    (name) => column<Audit>(name, (audit) => audit[name]),
  ),
  column("position", ({ barrier }) => position(barrier)),
  column("found", ({ found }) => found.map(({ code, count }) => `${code} ${count}`).join("; ")),
];

const findingColumns: readonly Column<Finding>[] = [
  ...(["id", "code", "severity", "entity", "key", "state", "owner", "dueAt"] as const).map((name) =>
    column<Finding>(name, (finding) => finding[name]),
  ),
  ...(
    ["firstSeenAt", "lastSeenAt", "seen", "reopened", "revision", "resolution", "remedy", "advice"] as const
  ).map((name) => column<Finding>(name, (finding) => finding[name])),
  column("position", ({ barrier }) => position(barrier)),
  column("fields", ({ evidence }) => evidence.fields?.join("; ")),
  column("detail", ({ evidence }) => evidence.detail),
  column("more", ({ evidence }) => evidence.more),
  column("supersededBy", ({ evidence }) => evidence.supersededBy),
];

const ledgerColumns: readonly Column<DeviceLedger>[] = [
  ...(["device", "received", "accepted", "alreadyApplied", "rejected", "quarantined"] as const).map((name) =>
    column<DeviceLedger>(name, (ledger) => ledger[name]),
  ),
  ...(
    ["counted", "missing", "reused", "reusedAt", "clockOffsetMs", "clockMeasuredAt", "lastAt"] as const
  ).map((name) => column<DeviceLedger>(name, (ledger) => ledger[name])),
  column("gaps", ({ gaps }) => gaps.map(({ from, to }) => `${from}-${to}`).join("; ")),
];

/** Audits and findings as files: whoever has to prove agreement hands these over. */
export const healthExports: readonly ExportList[] = [
  list({
    path: "/audits",
    operationId: "exportAudits",
    summary: "Audits of a site as a file, newest first",
    params: SiteParams,
    query: Type.Object({}),
    columns: auditColumns,
    pages: (edge, { params: { site } }) =>
      byCursor(async (cursor) => {
        const { audits, next } = await inquire(edge.bus, AskAudits, { site, limit: managerPageRows, cursor });
        return { rows: audits, next };
      }),
  }),
  list({
    path: "/findings",
    operationId: "exportFindings",
    summary: "Findings of a site as a file, those that were seen last first",
    params: SiteParams,
    query: FindingsFilter,
    columns: findingColumns,
    pages: (edge, { params: { site }, query }) => {
      const wanted = findingsWanted(query);
      return byCursor(async (cursor) => {
        const page = { site, limit: managerPageRows, cursor };
        const { findings, next } = await inquire(edge.bus, AskFindings, { ...page, ...wanted });
        return { rows: findings, next };
      });
    },
  }),
  list({
    path: "/device-ledgers",
    operationId: "exportDeviceLedgers",
    summary: "What became of the scans of each device, as a file",
    params: SiteParams,
    query: Type.Object({}),
    columns: ledgerColumns,
    pages: (edge, { params: { site } }) =>
      byCursor(async (cursor) => {
        const { ledgers, next } = await inquire(edge.bus, AskDeviceLedgers, { site, cursor });
        return { rows: ledgers, next };
      }),
  }),
];
