/** `npx tagwire replay <dir>`: what was recorded, through the real pipeline once more. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Antenna, Fault } from "@tagwire/messages";
import { DataFolderError, layOut } from "./data-folder.ts";
import { readEndpoints } from "./endpoints.ts";
import { UsageError } from "./options.ts";
import { play, type Run } from "./player.ts";
import { type Looked, lookThrough, openRecording } from "./recording-folder.ts";
import { type ReplayOptions, readReplayOptions, replayUsage } from "./replay-options.ts";
import { type Access, type Likeness, openReplayReader, type ReplayReader } from "./replay-reader.ts";
import { localKeyFileOf } from "./services.ts";
import { isHelpWanted } from "./usage.mjs";

const root = resolve(import.meta.dirname, "../..");
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The running Tagwire, and a key to it. */
const accessOf = (options: ReplayOptions, signal: AbortSignal): Access => {
  const folder = layOut(options.dataDir);
  const url = options.url ?? readEndpoints(folder.endpoints)?.http;
  if (url === undefined)
    throw new DataFolderError(`No Tagwire runs on ${options.dataDir}. Start it, or say --data or --url.`);
  const { keyFile, adminKey } = options;
  if (options.url !== undefined && keyFile === undefined && adminKey === undefined)
    throw new UsageError(`A Tagwire elsewhere needs --key-file.\n\n${replayUsage}`);
  const file = keyFile ?? localKeyFileOf(folder);
  const readKey = async (): Promise<string> =>
    keyFile === undefined && adminKey !== undefined ? adminKey : (await readFile(file, "utf8")).trim();
  return { url, readKey, signal };
};

type Settings = {
  readonly antennas?: readonly Antenna[];
  readonly station?: string;
  readonly rules?: unknown;
};

/** Power, region and the like were for the metal; where it stood and what its reads were held to is for us. */
const likenessOf = ({ header }: Looked): Likeness => {
  const { antennas = [], station, rules } = (header?.settings ?? {}) as Settings;
  return {
    antennas: antennas.map(({ powerDbm: _power, ...antenna }) => antenna),
    ...(station === undefined ? {} : { station }),
    ...(rules === undefined ? {} : { rules }),
  };
};

const checkSite = (looked: readonly Looked[], { site, intoOwnSite }: ReplayOptions): void => {
  if (intoOwnSite || looked.every(({ header }) => header?.site !== site)) return;
  throw new Fault("recording.own_site", site);
};

type Played = { files: number; frames: number; reads: number; rounds: number; behindMs: number };

const playAll = async (
  looked: readonly Looked[],
  reader: ReplayReader,
  { speed, loop }: ReplayOptions,
  signal: AbortSignal,
): Promise<Played> => {
  const run: Run = { id: randomBytes(8).toString("hex"), next: 0 };
  const played: Played = { files: 0, frames: 0, reads: 0, rounds: 0, behindMs: 0 };
  /** What was under way when somebody stopped it may be kept or not; either is told by the reader's ledger. */
  const push: ReplayReader["push"] = (events) =>
    reader.push(events).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  const wait = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
  do {
    for (const { path, frames, reads } of looked) {
      const { lines } = await openRecording(path);
      const behindMs = await play(lines, {
        ...{ speed, run, push, wait },
        nowMs: () => performance.now(),
        isStopped: () => signal.aborted,
      });
      if (signal.aborted) return played;
      played.files += 1;
      played.frames += frames;
      played.reads += reads;
      played.behindMs = Math.max(played.behindMs, Math.round(behindMs));
    }
    played.rounds += 1;
    // A folder in which nothing takes time must not keep a core busy for ever.
    if (loop) await wait(1);
  } while (loop && !signal.aborted);
  return played;
};

const replay = async (): Promise<void> => {
  const args = process.argv.slice(2);
  if (isHelpWanted(args)) return say(replayUsage);
  const options = readReplayOptions(args, process.env, { cwd: process.env.INIT_CWD ?? process.cwd(), root });
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  const looked = await lookThrough(options.path, options.from);
  checkSite(looked, options);
  const tell = options.json ? () => undefined : say;
  for (const { path, reads, lastMs, remarks } of looked) {
    const name = relative(options.path, path) || path;
    tell(`${name}: ${reads} reads in ${Math.round(lastMs / 1_000)} s`);
    for (const remark of remarks) tell(`  ${remark}`);
  }
  const [first] = looked;
  if (first === undefined) throw new Fault("recording.none", options.path);
  const { site, reader: id } = options;
  const reader = await openReplayReader(accessOf(options, stop.signal), { site, id }, likenessOf(first));
  const played = await playAll(looked, reader, options, stop.signal);
  const remarks = looked.flatMap(({ path, remarks }) => remarks.map((remark) => `${path}: ${remark}`));
  if (options.json) return say(JSON.stringify({ ...played, stopped: stop.signal.aborted, remarks }));
  say(
    `${stop.signal.aborted ? "stopped after" : "played"} ${played.files} files, ${played.reads} reads in ${played.frames} frames`,
  );
  if (played.behindMs > 1_000)
    say(`  up to ${Math.round(played.behindMs / 1_000)} s behind: it was not taken as fast`);
};

const explain = (error: unknown): string => {
  if (error instanceof Fault) return `${error.message}\n  ${error.advice}`;
  if (error instanceof UsageError || error instanceof DataFolderError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};

try {
  await replay();
} catch (error) {
  if (!(error instanceof Error && error.name === "AbortError")) {
    process.stderr.write(`✗ ${explain(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
