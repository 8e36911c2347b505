import {
  Acknowledge,
  Alert,
  type AlertAct,
  AlertDetail,
  type AlertKind,
  type AlertState,
  AskActOnAlert,
  AskAlert,
  AskAlerts,
  ClientId,
  Fault,
  filterPropertiesOf,
  SiteId,
  Snooze,
} from "@tagwire/messages";
import Type from "typebox";
import { openCursor, sealCursor } from "../edge/cursor.ts";
import type { Edge } from "../edge/edge.ts";
import { principalOf } from "../edge/gate.ts";
import type { Gateway } from "../edge/gateway.ts";
import { byOf } from "../edge/principal.ts";
import { inquire } from "../edge/questions.ts";
import { filterWanted } from "../live/query-filter.ts";
import { listOf, nullable, pageDefault, pageQuery, problems, SiteParams } from "./schema.ts";

const tags = ["Alerts"];
const AlertParams = Type.Object({ site: SiteId, id: ClientId });

const AlertsQuery = Type.Object({ ...pageQuery, ...filterPropertiesOf("alerts") });

export const alerts = (app: Gateway, edge: Edge): void => {
  const { bus, sites } = edge;

  app.get(
    "/sites/:site/alerts",
    {
      schema: {
        operationId: "listAlerts",
        tags,
        summary: "Alerts of a site, newest first",
        params: SiteParams,
        querystring: AlertsQuery,
        response: { 200: listOf(Alert), ...problems(404) },
      },
    },
    async ({ params, query }) => {
      await sites.check(params.site);
      const { state: states, kind: kinds } = filterWanted("alerts", query);
      const { alerts: found, next } = await inquire(bus, AskAlerts, {
        site: params.site,
        limit: query.limit ?? pageDefault,
        cursor: openCursor(query.cursor),
        ...(states === undefined ? {} : { states: states as AlertState[] }),
        ...(kinds === undefined ? {} : { kinds: kinds as AlertKind[] }),
      });
      return { data: found, nextCursor: sealCursor(next) };
    },
  );

  app.get(
    "/sites/:site/alerts/:id",
    {
      schema: {
        operationId: "getAlert",
        tags,
        summary: "One alert, with its history and who was told",
        params: AlertParams,
        response: { 200: AlertDetail, ...problems(404) },
      },
    },
    async ({ params }) => {
      await sites.check(params.site);
      const { alert } = await inquire(bus, AskAlert, params);
      if (alert === null) throw new Fault("alert_unknown", params.id);
      return alert;
    },
  );

  for (const act of ["acknowledge", "resolve", "reopen"] as const) alertVerb(app, edge, act);
  snooze(app, edge);
};

const summaries: Readonly<Record<AlertAct, string>> = {
  acknowledge: "Take an alert up: nobody is told of it again, unless it grows",
  snooze: "Tell nobody of an alert until a moment",
  resolve: "Close an alert, until something is found that was not there then",
  reopen: "Raise an alert again",
};

// The expression ends the parameter before the verb: without it the router takes the colon as part of the id.
const verbPath = (act: AlertAct) => `/sites/:site/alerts/:id(^[0-9a-fA-F-]+)::${act}`;

const alertVerb = (app: Gateway, { bus, sites }: Edge, act: Exclude<AlertAct, "snooze">): void => {
  app.post(
    verbPath(act),
    {
      schema: {
        operationId: `${act}Alert`,
        tags,
        summary: summaries[act],
        params: AlertParams,
        body: nullable(Acknowledge),
        response: { 200: Alert, ...problems(404, 409) },
      },
    },
    async (request) => {
      const { params, body } = request;
      await sites.check(params.site);
      const why = body?.why;
      const done = { ...params, by: byOf(principalOf(request)), act, ...(why === undefined ? {} : { why }) };
      return (await inquire(bus, AskActOnAlert, done)).alert;
    },
  );
};

const snooze = (app: Gateway, { bus, sites }: Edge): void => {
  app.post(
    verbPath("snooze"),
    {
      schema: {
        operationId: "snoozeAlert",
        tags,
        summary: summaries.snooze,
        params: AlertParams,
        body: Snooze,
        response: { 200: Alert, ...problems(404, 409) },
      },
    },
    async (request) => {
      const { params, body } = request;
      await sites.check(params.site);
      const done = { ...params, ...body, by: byOf(principalOf(request)), act: "snooze" as const };
      return (await inquire(bus, AskActOnAlert, done)).alert;
    },
  );
};
