import { existsSync } from "node:fs";
import { join } from "node:path";
import { compiledCodeFolder } from "@tagwire/embedded";
import type { DataFolder } from "./data-folder.ts";
import { type OldSystem, pullSettingsOf, standInSettingsOf } from "./old-system.ts";
import type { LaunchOptions } from "./options.ts";

/** In the order they start. */
export const serviceNames = [
  "reader-gateway",
  "operations",
  "manager",
  "health-check",
  "rfidpro-backup",
  "api-gateway",
] as const;
export type ServiceName = (typeof serviceNames)[number];
/**
 * In the order they stop: nobody loses what it leans on. Readers, and whoever reads the old system, are let go before the demo takes
 * both away, and the demo ends before the gateway that it talks to, so that an ordinary end is no trouble to anybody and leaves none in the logs.
 */
export const stopOrder = [
  "reader-gateway",
  "rfidpro-backup",
  "demo",
  "health-check",
  "api-gateway",
  "manager",
  "operations",
] as const;
export type ProgramName = (typeof stopOrder)[number];

const demoSeedDefault = "1";

/** What services are told about the system they are part of. */
export interface Surroundings {
  readonly root: string;
  readonly folder: DataFolder;
  readonly options: LaunchOptions;
  readonly databaseUrl: string;
  readonly natsUrl: string;
  /** The demo's stand-in for the old system; undefined where there is a real one, or no demo. */
  readonly oldSystem: OldSystem | undefined;
}

/**
 * How long a service may take to end, in ms, where that is longer than usual: the api-gateway sees out the requests under way, for
 * 4 s, and is told to stop before those that it asks.
 */
export const stopPatienceMs: Partial<Record<ServiceName, number>> = { "api-gateway": 5_000 };

export const mainFileOf = (root: string, name: ServiceName): string =>
  join(root, "services", name, "src", "main.ts");
export const demoFileOf = (root: string): string => join(root, "deploy", "local", "demo.ts");
export const uiFolderOf = (root: string): string => join(root, "services", "operations-ui");

/** One process of a service. The first has number 1. */
export interface Replica {
  readonly service: ServiceName;
  readonly number: number;
}

/** What a process is called in lines, logs and files: the only one, or the first, as its service. */
export const replicaName = ({ service, number }: Replica): string =>
  number === 1 ? service : `${service}-${number}`;

export const endpointFileOf = (folder: DataFolder, replica: Replica): string =>
  join(folder.run, `${replicaName(replica)}.json`);
export const signInFileOf = (folder: DataFolder): string => join(folder.run, "sign-in");
/** The seed of the key with which the reader-gateway answers for readers; there when nats-server is ours. */
export const mqttIssuerFileOf = (folder: DataFolder): string => join(folder.run, "mqtt-issuer");
export const localKeyFileOf = (folder: DataFolder): string => join(folder.run, "local-key");

/** The source files that are not there; an incomplete checkout is said before anything starts. */
export const missingSources = (root: string, demo: boolean): string[] =>
  [...serviceNames.map((name) => mainFileOf(root, name)), ...(demo ? [demoFileOf(root)] : [])].filter(
    (file) => !existsSync(file),
  );

/** Our own environment without what is meant for one service alone, or for the launcher. */
const inherited = ({ root }: Surroundings): NodeJS.ProcessEnv => {
  const { TAGWIRE_ADMIN_KEY: _key, TAGWIRE_HOME: _home, TAGWIRE_PORT: _port, ...rest } = process.env;
  // Node's own threads do little: an arena of memory for each of them would be kept for nothing. Other systems do not read it.
  return { NODE_COMPILE_CACHE: compiledCodeFolder(root), MALLOC_ARENA_MAX: "2", ...rest };
};

const gatewaySettings = (around: Surroundings, number: number, publicPort: number): NodeJS.ProcessEnv => ({
  PUBLIC_PORT: String(publicPort),
  UI_DIR: join(uiFolderOf(around.root), "dist"),
  ...(around.options.replicas > 1 ? { PUBLIC_PORT_SHARED: "1" } : {}),
  // Each start mints these anew, and what another one's start mints would end what tools have read.
  ...(number > 1
    ? {}
    : { SIGN_IN_FILE: signInFileOf(around.folder), LOCAL_KEY_FILE: localKeyFileOf(around.folder) }),
  ...(around.options.adminKey === undefined ? {} : { TAGWIRE_ADMIN_KEY: around.options.adminKey }),
});

const readerSettings = ({ folder, options }: Surroundings): NodeJS.ProcessEnv => ({
  RECORDINGS_DIR: folder.recordings,
  TALLIES_DIR: folder.tallies,
  ...(options.natsUrl === undefined ? { MQTT_ISSUER_SEED_FILE: mqttIssuerFileOf(folder) } : {}),
});

const pullSettings = ({ folder, oldSystem }: Surroundings): NodeJS.ProcessEnv => ({
  RFIDPRO_ARCHIVE_DIR: process.env.RFIDPRO_ARCHIVE_DIR || join(folder.rfidpro, "archive"),
  ...(oldSystem === undefined ? {} : pullSettingsOf(oldSystem)),
});

/** The settings of a process. `publicPort` is the port people use, and matters to the api-gateway alone. */
export const settingsOf = (
  replica: Replica,
  around: Surroundings,
  publicPort: number,
): NodeJS.ProcessEnv => ({
  ...inherited(around),
  DATABASE_URL: around.databaseUrl,
  NATS_URL: around.natsUrl,
  SERVICE_PORT: "0",
  ENDPOINT_FILE: endpointFileOf(around.folder, replica),
  LOG_LEVEL: process.env.LOG_LEVEL ?? "info",
  TAGWIRE_DEMO: around.options.demo ? "1" : "0",
  ...(replica.service === "api-gateway" ? gatewaySettings(around, replica.number, publicPort) : {}),
  ...(replica.service === "reader-gateway" ? readerSettings(around) : {}),
  ...(replica.service === "rfidpro-backup" ? pullSettings(around) : {}),
});

/** The settings of the demo site's readers. `url` is the address people use. */
export const demoSettings = (around: Surroundings, url: string): NodeJS.ProcessEnv => ({
  ...inherited(around),
  LOG_LEVEL: process.env.LOG_LEVEL ?? "info",
  TAGWIRE_URL: url,
  TAGWIRE_KEY_FILE: localKeyFileOf(around.folder),
  TAGWIRE_DEMO_KEYS_FILE: join(around.folder.run, "demo-keys.json"),
  TAGWIRE_DEMO_SEED: process.env.TAGWIRE_DEMO_SEED ?? demoSeedDefault,
  ...(around.oldSystem === undefined ? {} : standInSettingsOf(around.oldSystem)),
});
