import { type Environment, readSettings, serviceSettings } from "@tagwire/service";
import Type from "typebox";

const Settings = Type.Object({
  DATABASE_URL: serviceSettings.DATABASE_URL,
  NATS_URL: serviceSettings.NATS_URL,
  ALERTS_EVERY_SECONDS: Type.Number({
    minimum: 0.2,
    maximum: 3_600,
    default: 5,
    description: "how often the rules of a site are looked at while nothing happens",
  }),
});

export type Config = {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly alertsEveryMs: number;
};

/** The only reader of the environment. @throws Fault `config.invalid`, naming what is missing or wrong */
export const readConfig = (env: Environment): Config => {
  const settings = readSettings(Settings, env);
  return {
    databaseUrl: settings.DATABASE_URL,
    natsUrl: settings.NATS_URL,
    alertsEveryMs: settings.ALERTS_EVERY_SECONDS * 1_000,
  };
};
