import {
  type AlertRule,
  AskAlertRules,
  AskClasses,
  AskQuarantine,
  AskWebhook,
  AskWebhookDeliveries,
  AskWebhooks,
  AskZones,
  Fault,
  type QuarantinedScan,
  type RentalClass,
  SiteId,
  type Webhook,
  type WebhookDelivery,
  WebhookId,
  type Zone,
} from "@tagwire/messages";
import Type from "typebox";
import { inquire } from "../edge/questions.ts";
import type { Column } from "../transfer/export-formats.ts";
import { said } from "./board-page.ts";
import { recordColumns, recordPages } from "./export-as-of.ts";
import {
  byCursor,
  column,
  type ExportList,
  list,
  managerPageRows,
  pageRows,
  SiteParams,
} from "./export-list.ts";
import { QuarantineFilter } from "./quarantine.ts";
import { DeliveriesFilter } from "./webhooks.ts";

const classColumns: readonly Column<RentalClass>[] = (
  ["class", "name", "shortName", "category", "subcategory", "crew", "place", "version"] as const
).map((name) => column<RentalClass>(name, (row) => row[name]));

const zoneColumns: readonly Column<Zone>[] = [
  column("place", ({ place }) => place),
  column("points", ({ points }) => points.map(({ x, y }) => `${x},${y}`).join(" ")),
  column("setAt", ({ setAt }) => setAt),
  column("person", ({ by }) => by.person),
  column("device", ({ by }) => by.device),
  column("setPos", ({ setPos }) => setPos),
];

const ruleColumns: readonly Column<AlertRule>[] = [
  ...(["id", "kind", "name", "severity"] as const).map((name) =>
    column<AlertRule>(name, (rule) => rule[name]),
  ),
  column("enabled", ({ enabled }) => String(enabled)),
  column("params", ({ params }) => JSON.stringify(params)),
  column("quietHours", ({ quietHours }) => (quietHours === null ? null : JSON.stringify(quietHours))),
  column("escalateAfterMinutes", ({ escalateAfterMinutes }) => escalateAfterMinutes),
  column("channels", ({ channels }) => JSON.stringify(channels)),
  ...(["version", "createdAt", "changedAt", "changedBy"] as const).map((name) =>
    column<AlertRule>(name, (rule) => rule[name]),
  ),
];

const webhookColumns: readonly Column<Webhook>[] = [
  ...(["id", "url", "description", "state", "disabledReason"] as const).map((name) =>
    column<Webhook>(name, (webhook) => webhook[name]),
  ),
  column("types", ({ types }) => types?.join(" ")),
  ...(["createdAt", "since", "failingSince", "position"] as const).map((name) =>
    column<Webhook>(name, (webhook) => webhook[name]),
  ),
  column("waitingDeliveries", ({ waiting }) => waiting.deliveries),
  column("counts", ({ counts }) => JSON.stringify(counts)),
];

const quarantineColumns: readonly Column<QuarantinedScan>[] = [
  ...(["tag", "scanId", "type", "scannedAt", "receivedAt", "place", "contract", "session"] as const).map(
    (name) => column<QuarantinedScan>(name, (scan) => scan[name]),
  ),
  column("person", ({ by }) => by.person),
  column("device", ({ by }) => by.device),
  column("reader", ({ by }) => by.reader),
];

const deliveryColumns: readonly Column<WebhookDelivery>[] = [
  ...(["id", "position", "type", "key", "state", "attempts", "createdAt"] as const).map((name) =>
    column<WebhookDelivery>(name, (row) => row[name]),
  ),
  ...(["nextAttemptAt", "lastAttemptAt", "lastStatus", "lastError", "durationMs"] as const).map((name) =>
    column<WebhookDelivery>(name, (row) => row[name]),
  ),
];

/** What people have set, and what waits for them, as files. */
export const settingExports: readonly ExportList[] = [
  list({
    path: "/classes",
    operationId: "exportClasses",
    summary: "Rental classes that were described as a file, in the order of their names",
    params: SiteParams,
    query: Type.Object({}),
    columns: recordColumns(classColumns),
    pages: ({ bus }, { params }, note) =>
      recordPages(note, async (cursor) => {
        const asked = { ...params, limit: pageRows, cursor };
        const { classes, ...answer } = await inquire(bus, AskClasses, asked);
        return { rows: classes, ...answer };
      }),
  }),
  list({
    path: "/zones",
    operationId: "exportZones",
    summary: "The plan of a site as a file: each place with the corners of its zone as x,y in metres",
    params: SiteParams,
    query: Type.Object({}),
    columns: recordColumns(zoneColumns),
    pages: ({ bus }, { params }, note) =>
      recordPages(note, async () => {
        const { zones, ...answer } = await inquire(bus, AskZones, params);
        return { rows: zones, next: null, ...answer };
      }),
  }),
  list({
    path: "/quarantine",
    operationId: "exportQuarantine",
    summary: "Scans that wait until their tags are commissioned as a file, in the order of their tags",
    params: SiteParams,
    query: QuarantineFilter,
    columns: recordColumns(quarantineColumns),
    pages: ({ bus }, { params, query }, note) =>
      recordPages(note, async (cursor) => {
        const asked = { ...params, limit: pageRows, cursor, ...said(query) };
        const { scans, ...answer } = await inquire(bus, AskQuarantine, asked);
        return { rows: scans, ...answer };
      }),
  }),
  list({
    path: "/alert-rules",
    operationId: "exportAlertRules",
    summary: "What is watched for at a site as a file",
    params: SiteParams,
    query: Type.Object({}),
    columns: ruleColumns,
    pages: async function* ({ bus }, { params }) {
      yield (await inquire(bus, AskAlertRules, params)).rules;
    },
  }),
  list({
    path: "/webhooks",
    operationId: "exportWebhooks",
    summary: "The endpoints of a site and how they do as a file, without their secrets",
    params: SiteParams,
    query: Type.Object({}),
    columns: webhookColumns,
    pages: async function* ({ bus }, { params }) {
      yield (await inquire(bus, AskWebhooks, params)).webhooks;
    },
  }),
  list({
    path: "/webhooks/:id/deliveries",
    operationId: "exportWebhookDeliveries",
    summary: "What was and is to be delivered to an endpoint of a site as a file, what came last first",
    params: Type.Object({ site: SiteId, id: WebhookId }),
    query: DeliveriesFilter,
    columns: deliveryColumns,
    pages: async function* ({ bus }, { params: { site, id }, query }) {
      const { webhook } = await inquire(bus, AskWebhook, { id });
      if (webhook.site !== site) throw new Fault("webhook_unknown", id);
      yield* byCursor(async (cursor) => {
        const asked = { id, limit: managerPageRows, cursor, ...said(query) };
        const { deliveries, next } = await inquire(bus, AskWebhookDeliveries, asked);
        return { rows: deliveries, next };
      });
    },
  }),
];
