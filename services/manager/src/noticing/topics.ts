import type { Alert } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { type TopicAlert, wordsOf } from "../actors/alert-words.ts";
import { findAlerts } from "../store/alerts.ts";
import { type ClaimedNotification, findTopics } from "../store/notifications.ts";
import type { Message } from "./messenger.ts";

const topicOf = ({ id, name, severity, kind, group, count, examples }: Alert): TopicAlert => ({
  ...{ id, name, severity, kind, group, count, examples },
});

const rank = { critical: 0, warning: 1, info: 2 } as const;

/** Puts into words what lines of the ledger are about, as it is now; the most severe first. */
export const messagesOf = async (sql: Sql, lines: readonly ClaimedNotification[]): Promise<Message[]> => {
  const topics = await findTopics(
    sql,
    lines.map(({ id }) => id),
  );
  const found = await findAlerts(sql, [...new Set([...topics.values()].flat())]);
  // What is over by now is no news; a line about nothing else has nothing to say.
  const open = found.filter(({ state }) => state !== "resolved");
  const alerts = new Map(open.map((alert) => [alert.id, topicOf(alert)]));
  return lines.map((line): Message => {
    const own = (topics.get(line.id) ?? [])
      .flatMap((id) => alerts.get(id) ?? [])
      .sort((left, right) => rank[left.severity] - rank[right.severity]);
    return {
      line,
      words: wordsOf({ site: line.site, what: line.what, alerts: own }),
      severity: own[0]?.severity ?? "info",
      alerts: own.map(({ id }) => id),
    };
  });
};
