import { type Environment, readSettings, serviceSettings } from "@tagwire/service";
import Type from "typebox";
import { defaultRule } from "./actors/read-rule.ts";
import { defaultWindowsMax } from "./actors/smoothing.ts";

const Settings = Type.Object({
  ...serviceSettings,
  READER_RE_REPORT_SECONDS: Type.Number({
    minimum: 0.1,
    maximum: 86_400,
    default: 60,
    description: "a tag that stays is reported again after this long",
  }),
  READER_DEPART_SECONDS: Type.Number({
    minimum: 1,
    maximum: 604_800,
    default: 600,
    description: "a tag that was not read for this long is gone; its next read is reported at once",
  }),
  READER_WINDOWS_MAX: Type.Integer({
    minimum: 1,
    maximum: 1_000_000,
    default: defaultWindowsMax,
    description: "tags that one reader keeps in memory",
  }),
  RECORDINGS_DIR: Type.Optional(
    Type.String({
      minLength: 1,
      description: "where recordings of what readers say are kept; without it nothing is recorded",
    }),
  ),
  TALLIES_DIR: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        "where it is written down how much readers told, so that after kill -9 no read is missing in their ledgers; without it those of the last second are",
    }),
  ),
  MQTT_ISSUER_SEED_FILE: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        "a file with the seed of the account key that nats-server's auth_callout names; with it readers may publish over MQTT",
    }),
  ),
});

/** The settings of this service. Nothing else reads the environment. */
export const readConfig = (env: Environment) => {
  const settings = readSettings(Settings, env);
  return {
    databaseUrl: settings.DATABASE_URL,
    natsUrl: settings.NATS_URL,
    streamReplicas: settings.STREAM_REPLICAS,
    windowsMax: settings.READER_WINDOWS_MAX,
    recordingsDir: settings.RECORDINGS_DIR,
    talliesDir: settings.TALLIES_DIR,
    mqttIssuerSeedFile: settings.MQTT_ISSUER_SEED_FILE,
    rule: {
      ...defaultRule,
      reReportMs: settings.READER_RE_REPORT_SECONDS * 1_000,
      departMs: settings.READER_DEPART_SECONDS * 1_000,
    },
  };
};
