import {
  type Alert,
  type AlertChange,
  type AlertRule,
  alertMessageType,
  type WebhookAlertMessage,
  webhookBodyBytesMax,
} from "@tagwire/messages";

/** What endpoints are told of a change. */
export type AlertMessage = {
  readonly site: string;
  readonly number: number;
  readonly alert: string;
  readonly type: string;
  readonly webhooks: readonly string[];
  readonly body: string;
};

/** The endpoints that are told of an alert: those of its rule, but never the one that the alert is about, which could not tell anybody. */
export const endpointsOf = (
  { channels }: Pick<AlertRule, "channels">,
  { kind, group }: Pick<Alert, "kind" | "group">,
): string[] => {
  const named = channels.flatMap((channel) => (channel.kind === "webhook" ? channel.webhooks : []));
  return [...new Set(named)].filter((id) => kind !== "webhook_failing" || id !== group);
};

/** The body of a change, never above {@link webhookBodyBytesMax}: of the examples as many as there is room for. */
export const alertBodyOf = (alert: Alert, change: AlertChange, number: number): string => {
  const whole: WebhookAlertMessage = {
    type: alertMessageType(change.what),
    timestamp: change.at,
    data: {
      ...{ site: alert.site, number, change, alert },
      link: `/api/v1/sites/${alert.site}/alerts/${alert.id}`,
    },
  };
  const textWith = (examples: Alert["examples"]): string =>
    JSON.stringify({ ...whole, data: { ...whole.data, alert: { ...alert, examples } } });
  for (let shown = alert.examples.length; shown > 0; shown -= 1) {
    const text = textWith(alert.examples.slice(0, shown));
    if (Buffer.byteLength(text) <= webhookBodyBytesMax) return text;
  }
  return textWith([]);
};
