import { alertMessageTypes, declaredEvents, Fault, webhookProofTypes } from "@tagwire/messages";
import { isWanted } from "./webhook-message.ts";

/** Everything that an endpoint may be sent, by its type. */
const sentTypes: readonly string[] = [
  ...[...declaredEvents.keys()].map(({ type }) => type),
  ...alertMessageTypes,
  ...webhookProofTypes,
];

/**
 * A type that nothing has is a slip of the pen nearly always, and an endpoint that waits for it would hear nothing and never know why.
 *
 * @throws Fault `webhook_types_unknown` with those that there are
 */
export const refuseUnknownTypes = (types: readonly string[] | null | undefined): void => {
  const unknown = (types ?? []).filter((wanted) => !sentTypes.some((type) => isWanted([wanted], type)));
  if (unknown.length > 0)
    throw new Fault("webhook_types_unknown", `${unknown.join(", ")}; there is ${sentTypes.join(", ")}`);
};
