import { createHash } from "node:crypto";
import { type Environment, readSettings, serviceSettings } from "@tagwire/service";
import Type from "typebox";

/** Below this an admin key could be guessed. */
export const adminKeyLengthMin = 32;

const Settings = Type.Object({
  ...serviceSettings,
  PUBLIC_HOST: Type.String({ default: "127.0.0.1" }),
  PUBLIC_PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 0 }),
  PUBLIC_PORT_SHARED: Type.Optional(Type.Enum(["0", "1"])),
  PUBLIC_URL: Type.Optional(Type.String({ pattern: "^https?://" })),
  TRUSTED_PROXIES: Type.Optional(Type.String()),
  UI_DIR: Type.Optional(Type.String()),
  TAGWIRE_ADMIN_KEY: Type.Optional(Type.String({ minLength: adminKeyLengthMin })),
  SIGN_IN_FILE: Type.Optional(Type.String()),
  LOCAL_KEY_FILE: Type.Optional(Type.String()),
  TAGWIRE_DEMO: Type.Optional(Type.String()),
  PROBE_EVERY_SECONDS: Type.Integer({
    minimum: 0,
    maximum: 3_600,
    default: 0,
    description: "how often a test scan is made for each site; 0 for never",
  }),
});

export type Config = {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  /** On how many servers of a NATS cluster each stream is kept. */
  readonly streamReplicas: number;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Other gateways on this machine listen on the same port, and the kernel deals connections out among them (Linux). */
  readonly isPortShared: boolean;
  /** How people reach us when that differs from the listener, as behind an ingress. */
  readonly publicUrl: string | undefined;
  /** Addresses whose X-Forwarded-* headers are believed; nobody's by default. */
  readonly trustedProxies: string | undefined;
  readonly uiDir: string | undefined;
  /** SHA-256 of the admin key; the key itself is forgotten here. */
  readonly adminKeyHash: Buffer | undefined;
  readonly signInFile: string | undefined;
  readonly localKeyFile: string | undefined;
  readonly isDemo: boolean;
  /** How often a test scan is made for each site; 0 for never. */
  readonly probeEveryMs: number;
};

/** @throws Fault `config.invalid`, naming the settings that are missing or wrong. */
export const readConfig = (env: Environment): Config => {
  const settings = readSettings(Settings, env);
  const adminKey = settings.TAGWIRE_ADMIN_KEY;
  return {
    databaseUrl: settings.DATABASE_URL,
    natsUrl: settings.NATS_URL,
    streamReplicas: settings.STREAM_REPLICAS,
    host: settings.PUBLIC_HOST,
    port: settings.PUBLIC_PORT,
    isPortShared: settings.PUBLIC_PORT_SHARED === "1",
    publicUrl: settings.PUBLIC_URL,
    trustedProxies: settings.TRUSTED_PROXIES,
    uiDir: settings.UI_DIR,
    adminKeyHash: adminKey === undefined ? undefined : createHash("sha256").update(adminKey).digest(),
    signInFile: settings.SIGN_IN_FILE,
    localKeyFile: settings.LOCAL_KEY_FILE,
    isDemo: settings.TAGWIRE_DEMO === "1",
    probeEveryMs: settings.PROBE_EVERY_SECONDS * 1_000,
  };
};
