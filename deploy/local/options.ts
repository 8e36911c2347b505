import { resolve } from "node:path";
import { parseArgs } from "node:util";

export interface LaunchOptions {
  /** Fill the system with a demo site and run emulated readers in it. */
  readonly demo: boolean;
  /** Everything Tagwire keeps lies below this folder. */
  readonly dataDir: string;
  /** Delete the data first. */
  readonly fresh: boolean;
  /** The port people use; 0 takes any free one. */
  readonly port: number;
  readonly adminKey: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly natsUrl: string | undefined;
}

/** The command line or a setting is wrong; the message says how to put it right and quotes no secret. */
export class UsageError extends Error {}

export const usage = `npm start -- [options]
  --no-demo     an empty system: no demo site, no emulated readers
  --data DIR    where data is kept (TAGWIRE_HOME; default .tagwire)
  --fresh       delete the data first
  --port N      the port to open, 0 for any (TAGWIRE_PORT; default 8080)
Settings: DATABASE_URL and NATS_URL use existing servers, TAGWIRE_ADMIN_KEY (32 characters or more) is an
API key with the admin role that exists from the first start.`;

const portDefault = 8080;
const portMax = 65_535;
const adminKeyLengthMin = 32;

const flags = {
  "no-demo": { type: "boolean" },
  data: { type: "string" },
  fresh: { type: "boolean" },
  port: { type: "string" },
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

const readPort = (flag: string | undefined, variable: string | undefined): number => {
  const text = flag ?? variable ?? String(portDefault);
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= portMax) return port;
  throw new UsageError(
    `${flag === undefined ? "TAGWIRE_PORT" : "--port"} must be a number from 0 to ${portMax}.`,
  );
};

const readAdminKey = (env: NodeJS.ProcessEnv): string | undefined => {
  const key = setting(env, "TAGWIRE_ADMIN_KEY");
  if (key === undefined || key.length >= adminKeyLengthMin) return key;
  throw new UsageError(
    `TAGWIRE_ADMIN_KEY has ${key.length} characters; it needs ${adminKeyLengthMin} or more. ` +
      'Make one with "openssl rand -base64 32".',
  );
};

/** Several servers of one cluster may be listed with commas, as NATS clients understand it. */
const readUrl = (env: NodeJS.ProcessEnv, name: string, protocols: readonly string[]): string | undefined => {
  const value = setting(env, name);
  if (value === undefined) return undefined;
  for (const part of value.split(",")) {
    if (!URL.canParse(part.trim()) || !protocols.includes(new URL(part.trim()).protocol)) {
      throw new UsageError(
        `${name} must be a URL that starts with ${protocols[0]}// (its value is not shown here).`,
      );
    }
  }
  return value;
};

/**
 * What to start, from the command line and the environment; a flag wins over its variable. Relative folders are
 * taken from `cwd`.
 *
 * Throws `UsageError`.
 */
export const readOptions = (args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): LaunchOptions => {
  const values = parse(args);
  const data = values.data ?? setting(env, "TAGWIRE_HOME") ?? ".tagwire";
  if (data.trim() === "") throw new UsageError("--data needs a folder.");
  return {
    demo: values["no-demo"] !== true,
    dataDir: resolve(cwd, data),
    fresh: values.fresh === true,
    port: readPort(values.port, setting(env, "TAGWIRE_PORT")),
    adminKey: readAdminKey(env),
    databaseUrl: readUrl(env, "DATABASE_URL", ["postgres:", "postgresql:"]),
    natsUrl: readUrl(env, "NATS_URL", ["nats:", "tls:"]),
  };
};
