import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { usage } from "./usage.mjs";

export interface LaunchOptions {
  /** Fill the system with a demo site and run emulated readers in it. */
  readonly demo: boolean;
  /** Everything Tagwire keeps lies below this folder. */
  readonly dataDir: string;
  /** Delete the data first. */
  readonly fresh: boolean;
  /** The port people use; 0 takes any free one. */
  readonly port: number;
  /** How many processes of each service run side by side. */
  readonly replicas: number;
  readonly adminKey: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly natsUrl: string | undefined;
  /** Where readers may publish over MQTT; 0 takes any free port. Only a nats-server that we start listens there. */
  readonly mqtt: { readonly host: string; readonly port: number };
}

/** The command line or a setting is wrong; the message says how to put it right and quotes no secret. */
export class UsageError extends Error {}

const portDefault = 8080;
const portMax = 65_535;
/** Enough to see any one of them go; what more bring on one machine is only load. */
const replicasMax = 5;
const adminKeyLengthMin = 32;
/** Readers in the network reach it only where somebody says so. */
const mqttHostDefault = "127.0.0.1";

const flags = {
  "no-demo": { type: "boolean" },
  data: { type: "string" },
  fresh: { type: "boolean" },
  port: { type: "string" },
  replicas: { type: "string" },
  "mqtt-port": { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error);
    throw new UsageError(`${reason}.\n\n${usage}`);
  }
};

/** An empty variable is an unset one: `TAGWIRE_PORT= npm start` means the default. */
const setting = (env: NodeJS.ProcessEnv, name: string): string | undefined => {
  const value = env[name]?.trim();
  return value === undefined || value === "" ? undefined : value;
};

/** Where a port is said: a flag, and a variable that it wins over. */
type PortSaid = {
  readonly flag: string;
  readonly said: string | undefined;
  readonly variable: string;
  readonly set: string | undefined;
};

const readPort = ({ flag, said, variable, set }: PortSaid, fallback: number): number => {
  const text = said ?? set ?? String(fallback);
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= portMax) return port;
  throw new UsageError(`${said === undefined ? variable : flag} must be a number from 0 to ${portMax}.`);
};

const readReplicas = (said: string | undefined): number => {
  if (said === undefined) return 1;
  const replicas = /^\d$/.test(said) ? Number(said) : 0;
  if (replicas < 1 || replicas > replicasMax)
    throw new UsageError(`--replicas must be a number from 1 to ${replicasMax}.`);
  return replicas;
};

/** It is written into nats-server's settings, so it is a name or an address and nothing else. */
const readMqttHost = (env: NodeJS.ProcessEnv): string => {
  const host = setting(env, "TAGWIRE_MQTT_HOST") ?? mqttHostDefault;
  if (/^[A-Za-z0-9.:_-]{1,253}$/.test(host)) return host;
  throw new UsageError("TAGWIRE_MQTT_HOST must be a host name or an address.");
};

const readAdminKey = (env: NodeJS.ProcessEnv): string | undefined => {
  const key = setting(env, "TAGWIRE_ADMIN_KEY");
  if (key === undefined || key.length >= adminKeyLengthMin) return key;
  throw new UsageError(
    `TAGWIRE_ADMIN_KEY has ${key.length} characters; it needs ${adminKeyLengthMin} or more. ` +
      'Make one with "openssl rand -base64 32".',
  );
};

const isUrlOf = (protocols: readonly string[], text: string): boolean =>
  URL.canParse(text) && protocols.includes(new URL(text).protocol);

/** A URL may hold a password, so it is never quoted. */
const notUrl = (name: string, start: string): UsageError =>
  new UsageError(`${name} must be a URL that starts with ${start}// (its value is not shown here).`);

const readDatabaseUrl = (env: NodeJS.ProcessEnv): string | undefined => {
  const value = setting(env, "DATABASE_URL");
  if (value === undefined) return undefined;
  if (!isUrlOf(["postgres:", "postgresql:"], value)) throw notUrl("DATABASE_URL", "postgres:");
  if (/^(%2f.*)?$/i.test(new URL(value).hostname))
    throw new UsageError("DATABASE_URL must name a host; Postgres is not reached through a socket's file.");
  return value;
};

/** Several servers of one cluster may be listed with commas, as NATS clients understand it. */
const readNatsUrl = (env: NodeJS.ProcessEnv): string | undefined => {
  const value = setting(env, "NATS_URL");
  if (value?.split(",").some((part) => !isUrlOf(["nats:", "tls:"], part.trim())))
    throw notUrl("NATS_URL", "nats:");
  return value;
};

const refuseHalfFresh = (databaseUrl: string | undefined, natsUrl: string | undefined): void => {
  const theirs = [
    ...(databaseUrl === undefined ? [] : ["DATABASE_URL"]),
    ...(natsUrl === undefined ? [] : ["NATS_URL"]),
  ];
  if (theirs.length === 0) return;
  throw new UsageError(
    `--fresh deletes the data folder, but ${theirs.join(" and ")} names a server of yours, whose data would stay and ` +
      "not fit. Empty both servers yourself and start without --fresh.",
  );
};

/** Where the command was given, and where the project is. */
export interface Whereabouts {
  readonly cwd: string;
  readonly root: string;
}

const readDataDir = (
  flag: string | undefined,
  env: NodeJS.ProcessEnv,
  { cwd, root }: Whereabouts,
): string => {
  const named = flag ?? setting(env, "TAGWIRE_HOME");
  if (named === undefined) return join(root, ".tagwire");
  if (named.trim() === "") throw new UsageError("--data needs a folder.");
  return resolve(cwd, named);
};

/**
 * What to start, from the command line and the environment; a flag wins over its variable. A folder that is named is
 * taken from where the person is; the one that is not lies beside the project.
 *
 * Throws `UsageError`.
 */
export const readOptions = (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  whereabouts: Whereabouts,
): LaunchOptions => {
  const values = parse(args);
  const fresh = values.fresh === true;
  const [databaseUrl, natsUrl] = [readDatabaseUrl(env), readNatsUrl(env)];
  if (fresh) refuseHalfFresh(databaseUrl, natsUrl);
  return {
    demo: values["no-demo"] !== true,
    dataDir: readDataDir(values.data, env, whereabouts),
    fresh,
    port: readPort(
      { flag: "--port", said: values.port, variable: "TAGWIRE_PORT", set: setting(env, "TAGWIRE_PORT") },
      portDefault,
    ),
    replicas: readReplicas(values.replicas),
    adminKey: readAdminKey(env),
    databaseUrl,
    natsUrl,
    mqtt: {
      host: readMqttHost(env),
      port: readPort(
        {
          flag: "--mqtt-port",
          said: values["mqtt-port"],
          variable: "TAGWIRE_MQTT_PORT",
          set: setting(env, "TAGWIRE_MQTT_PORT"),
        },
        0,
      ),
    },
  };
};
