import {
  type Alert,
  type AlertDetail,
  type AskActOnAlert,
  type AskAlerts,
  type AskSnapshot,
  Fault,
  type LiveRow,
} from "@tagwire/messages";
import { inTransaction } from "@tagwire/store";
import type { Static } from "typebox";
import { act } from "../actors/alert.ts";
import { commitTurns } from "../noticing/commit-turns.ts";
import { getAlertSite } from "../noticing/know-sites.ts";
import { findRule } from "../store/alert-rules.ts";
import { alertsEpoch, findAlertSite } from "../store/alert-sites.ts";
import { findAlert, findHeldAlert, listAlerts, listChanges, listOpenAlerts } from "../store/alerts.ts";
import { listNotifications } from "../store/notifications.ts";
import { type AlertDesk, inSiteTurn, nameOf } from "./alert-rules.ts";

const historyMax = 200;
const notificationsMax = 100;
/** Alerts in one page of the live view: with their examples they fit into one message of the bus. */
const snapshotRowsMax = 200;

const uuid = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

/** A cursor is the id of the last row before. @throws Fault `malformed` */
const afterOf = (cursor: string | null): string | null => {
  if (cursor !== null && !uuid.test(cursor)) throw new Fault("malformed", "cursor");
  return cursor;
};

/** A page of alerts, newest first. */
export const answerAlerts = async (
  { bus, sql }: AlertDesk,
  { site, limit, cursor, states, kinds }: Static<(typeof AskAlerts)["question"]>,
): Promise<{ alerts: Alert[]; next: string | null }> => {
  await getAlertSite(bus, sql, site);
  const found = await listAlerts(sql, { site, limit: limit + 1, after: afterOf(cursor), states, kinds });
  const alerts = found.slice(0, limit);
  return { alerts, next: found.length > limit ? (alerts.at(-1)?.id ?? null) : null };
};

/** One alert with its history and who was told of it, all as of one instant. */
export const answerAlert = async (
  { sql }: AlertDesk,
  { site, id }: { readonly site: string; readonly id: string },
): Promise<{ alert: AlertDetail | null }> =>
  inTransaction(
    sql,
    async (transaction) => {
      const alert = await findAlert(transaction, site, id);
      if (alert === undefined) return { alert: null };
      const [history, notifications] = await Promise.all([
        listChanges(transaction, id, historyMax),
        listNotifications(transaction, id, notificationsMax),
      ]);
      return { alert: { ...alert, history, notifications } };
    },
    "isolation level repeatable read read only",
  );

/** Does with an alert what a person wants. Safe to repeat. */
export const actOnAlert = async (
  desk: AlertDesk,
  question: Static<(typeof AskActOnAlert)["question"]>,
): Promise<{ alert: Alert }> => {
  const { site, id, by, why, until } = question;
  const done = await inSiteTurn(desk, site, async (transaction, locked) => {
    const held = await findHeldAlert(transaction, site, id);
    if (held === undefined) throw new Fault("alert_unknown", id);
    const nowMs = Date.now();
    const turn = act(held, { act: question.act, by: nameOf(by), why: why ?? null, until }, nowMs);
    if (turn === "already") {
      const alert = await findAlert(transaction, site, id);
      if (alert === undefined) throw new Fault("alert_unknown", id);
      return { turns: undefined, alert };
    }
    if ("refused" in turn) throw new Fault("alert_act_refused", turn.refused);
    const rule = await findRule(transaction, site, held.rule);
    const turns = await commitTurns(transaction, locked, [{ turn, rule }], nowMs);
    const [alert] = turns.alerts;
    if (alert === undefined) throw new Fault("alert_unknown", id);
    return { turns, alert };
  });
  if (done.turns !== undefined) desk.committed(done.turns);
  return { alert: done.alert };
};

type Snapshot = Static<(typeof AskSnapshot)["answer"]>;

/** A page of the live view `alerts`: the open ones, and the position they are of, read at one instant. */
export const answerAlertsSnapshot = async (
  { bus, sql }: Pick<AlertDesk, "bus" | "sql">,
  { site, cursor }: { readonly site: string; readonly cursor: string | null },
): Promise<Snapshot> => {
  await getAlertSite(bus, sql, site).catch((error: unknown) => {
    if (!(error instanceof Fault && error.code === "site_unknown")) throw error;
  });
  return inTransaction(
    sql,
    async (transaction) => {
      const known = await findAlertSite(transaction, site);
      if (known === undefined) return { known: false, epoch: 0, pos: 0, rows: [], next: null };
      const found = await listOpenAlerts(transaction, {
        ...{ site, after: afterOf(cursor), limit: snapshotRowsMax + 1 },
      });
      const rows = found.slice(0, snapshotRowsMax).map((alert): LiveRow => ({ key: alert.id, ...alert }));
      const next = found.length > snapshotRowsMax ? (rows.at(-1)?.key ?? null) : null;
      return { known: true, epoch: alertsEpoch, pos: known.pos, generation: known.generation, rows, next };
    },
    "isolation level repeatable read read only",
  );
};
