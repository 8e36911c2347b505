import { randomBytes } from "node:crypto";
import { freePort } from "@tagwire/embedded";

/** A stand-in for the old system, which the demo runs: where it listens, and who may read there. */
export interface OldSystem {
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

/** The ids of its data sets, as an account would have them. */
export const standInDatasets = {
  classes: "demo-classes",
  items: "demo-items",
  transactions: "demo-transactions",
} as const;

const passwordBytes = 18;

/** Chooses where the demo's stand-in will be; undefined where the settings name a real one. */
export const chooseOldSystem = async (env: NodeJS.ProcessEnv): Promise<OldSystem | undefined> => {
  const named = [env.RFIDPRO_LOGIN_URL, env.RFIDPRO_DATA_URL, env.RFIDPRO_USERNAME];
  if (named.some((setting) => setting !== undefined && setting !== "")) return undefined;
  const password = randomBytes(passwordBytes).toString("base64url");
  return { port: await freePort(), username: "demo-reader", password };
};

/** What the service is told that reads it. */
export const pullSettingsOf = ({ port, username, password }: OldSystem): NodeJS.ProcessEnv => ({
  RFIDPRO_LOGIN_URL: `http://127.0.0.1:${port}`,
  RFIDPRO_DATA_URL: `http://127.0.0.1:${port}`,
  RFIDPRO_USERNAME: username,
  RFIDPRO_PASSWORD: password,
  RFIDPRO_DATASET_CLASSES: standInDatasets.classes,
  RFIDPRO_DATASET_ITEMS: standInDatasets.items,
  RFIDPRO_DATASET_TRANSACTIONS: standInDatasets.transactions,
});

/** What the demo is told that runs it. */
export const standInSettingsOf = ({ port, username, password }: OldSystem): NodeJS.ProcessEnv => ({
  TAGWIRE_DEMO_RFIDPRO_PORT: String(port),
  TAGWIRE_DEMO_RFIDPRO_USERNAME: username,
  TAGWIRE_DEMO_RFIDPRO_PASSWORD: password,
});

/** Which stand-in the demo is to run, as {@link standInSettingsOf} says it; undefined for none. */
export const readStandIn = (env: NodeJS.ProcessEnv): OldSystem | undefined => {
  const { TAGWIRE_DEMO_RFIDPRO_PORT: port, TAGWIRE_DEMO_RFIDPRO_USERNAME: username } = env;
  const password = env.TAGWIRE_DEMO_RFIDPRO_PASSWORD;
  if (port === undefined || username === undefined || password === undefined) return undefined;
  return { port: Number(port), username, password };
};
