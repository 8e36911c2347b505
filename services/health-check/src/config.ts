import { auditIntervalMs } from "@tagwire/messages";
import { type Environment, readSettings, serviceSettings } from "@tagwire/service";
import Type from "typebox";

const Settings = Type.Object({
  ...serviceSettings,
  AUDIT_EVERY_SECONDS: Type.Integer({
    minimum: 1,
    maximum: 86_400,
    default: auditIntervalMs / 1_000,
    description: "how often each site is audited",
  }),
  AUDIT_BARRIER_SECONDS: Type.Integer({
    minimum: 1,
    maximum: 600,
    default: 60,
    description:
      "how long the manager has to come to a barrier, or to what rows are compared at, before an audit says that it is late",
  }),
  AUDIT_LIVES_AT_ONCE: Type.Integer({
    minimum: 0,
    maximum: 100_000,
    default: 2_000,
    description:
      "of so many items, contracts and sessions at least all events are folded again in each audit; 0 for none",
  }),
  TRANSACTION_SECONDS_MAX: Type.Integer({
    minimum: 1,
    maximum: 86_400,
    default: 600,
    description: "how long a transaction in the database may be open before an audit says so",
  }),
});

/** The settings of this service. Nothing else reads the environment. */
export const readConfig = (env: Environment) => {
  const settings = readSettings(Settings, env);
  return {
    databaseUrl: settings.DATABASE_URL,
    natsUrl: settings.NATS_URL,
    streamReplicas: settings.STREAM_REPLICAS,
    barrierWithinMs: settings.AUDIT_BARRIER_SECONDS * 1_000,
    livesPerAudit: settings.AUDIT_LIVES_AT_ONCE,
    transactionMsMax: settings.TRANSACTION_SECONDS_MAX * 1_000,
    auditEveryMs: settings.AUDIT_EVERY_SECONDS * 1_000,
  };
};
