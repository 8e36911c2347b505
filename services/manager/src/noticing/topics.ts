import type { Alert } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { type TopicAlert, wordsOf } from "../actors/alert-words.ts";
import { listAlertSites } from "../store/alert-sites.ts";
import { findAlerts } from "../store/alerts.ts";
import { type ClaimedNotification, findTopics } from "../store/notifications.ts";
import type { Message } from "./messenger.ts";

const topicOf = ({ id, name, severity, kind, group, count, examples }: Alert): TopicAlert => ({
  ...{ id, name, severity, kind, group, count, examples },
});

/** A push says itself which alert it is about: whoever shows it leads there. */
export const linksIn = (channel: ClaimedNotification["channel"]): boolean => channel === "email";

const rank = { critical: 0, warning: 1, info: 2 } as const;

/**
 * Puts into words what lines of the ledger are about, as it is now; the most severe first. Mails link to the page, where it has a public
 * address.
 */
export const messagesOf = async (
  sql: Sql,
  lines: readonly ClaimedNotification[],
  page: string | undefined,
): Promise<Message[]> => {
  const topics = await findTopics(
    sql,
    lines.map(({ id }) => id),
  );
  const found = await findAlerts(sql, [...new Set([...topics.values()].flat())]);
  // What is over by now is no news; a line about nothing else has nothing to say.
  const open = found.filter(({ state }) => state !== "resolved");
  const alerts = new Map(open.map((alert) => [alert.id, topicOf(alert)]));
  const sites = new Map((await listAlertSites(sql)).map((known) => [known.site, known]));
  return lines.map((line): Message => {
    const { site, what, channel } = line;
    const { timeZone = "UTC", name = site } = sites.get(site) ?? {};
    const own = (topics.get(line.id) ?? [])
      .flatMap((id) => alerts.get(id) ?? [])
      .sort((left, right) => rank[left.severity] - rank[right.severity]);
    return {
      line,
      words: wordsOf({
        ...{ site, siteName: name, timeZone, what, alerts: own },
        page: linksIn(channel) ? page : undefined,
      }),
      severity: own[0]?.severity ?? "info",
      alerts: own.map(({ id }) => id),
    };
  });
};
