import { type Environment, readSettings, serviceSettings } from "@tagwire/service";
import Type from "typebox";

const Settings = Type.Object({
  DATABASE_URL: serviceSettings.DATABASE_URL,
  NATS_URL: serviceSettings.NATS_URL,
});

export type Config = { readonly databaseUrl: string; readonly natsUrl: string };

/** The only reader of the environment. @throws Fault `config.invalid`, naming what is missing or wrong */
export const readConfig = (env: Environment): Config => {
  const settings = readSettings(Settings, env);
  return { databaseUrl: settings.DATABASE_URL, natsUrl: settings.NATS_URL };
};
