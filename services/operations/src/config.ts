import { hostname } from "node:os";
import { type Environment, readSettings, serviceSettings } from "@tagwire/service";
import Type from "typebox";

const Settings = Type.Object({
  ...serviceSettings,
  LEASE_TTL_MS: Type.Integer({ minimum: 500, maximum: 60_000, default: 3_000 }),
});

/** The settings of operations. */
export const readConfig = (env: Environment) => {
  const settings = readSettings(Settings, env);
  return {
    databaseUrl: settings.DATABASE_URL,
    natsUrl: settings.NATS_URL,
    streamReplicas: settings.STREAM_REPLICAS,
    leaseTtlMs: settings.LEASE_TTL_MS,
    /** Unique among all processes that ever ran: a restarted one is another owner. */
    owner: `${hostname()}:${process.pid}:${Date.now()}`,
  };
};
