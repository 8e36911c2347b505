import Type, { type Static } from "typebox";
import { Alert, AlertChange, type AlertChangeKind, alertChangeKinds } from "./alerts.ts";
import { Instant, SiteId } from "./ids.ts";

/** The type of the message that tells an endpoint of a change: `alert.raised.v1`. */
export const alertMessageType = (what: AlertChangeKind): `alert.${AlertChangeKind}.v1` => `alert.${what}.v1`;

export const alertMessageTypes = alertChangeKinds.map(alertMessageType);

/**
 * What is posted to the endpoints that a rule tells: each change of each of its alerts, what people do with it and its end too, in
 * order of the alert. `number` rises with each change of the site's alerts, not by one. The alert is as it was after the change.
 */
export const WebhookAlertMessage = Type.Object({
  type: Type.Enum(alertMessageTypes),
  timestamp: Instant,
  data: Type.Object({
    site: SiteId,
    number: Type.Integer(),
    change: AlertChange,
    alert: Type.Object(Alert.properties, {
      description: "with fewer examples where all of them would make the message too large",
    }),
    link: Type.String({ description: "path of the alert with its history" }),
  }),
});
export type WebhookAlertMessage = Static<typeof WebhookAlertMessage>;
