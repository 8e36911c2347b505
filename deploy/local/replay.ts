/** `npx tagwire replay <dir>`: what was recorded, through the real pipeline once more. */
import { randomBytes } from "node:crypto";
import { relative, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Antenna, Fault, type ReplayedEvent } from "@tagwire/messages";
import { accessOf } from "./access.ts";
import { DataFolderError } from "./data-folder.ts";
import { UsageError } from "./options.ts";
import { newRun, play } from "./player.ts";
import { type Looked, lookThrough, openRecording } from "./recording-folder.ts";
import { type ReplayOptions, readReplayOptions, replayUsage } from "./replay-options.ts";
import { type Likeness, openReplayReader, type ReplayReader } from "./replay-reader.ts";
import { isHelpWanted } from "./usage.mjs";

const root = resolve(import.meta.dirname, "../..");
const say = (line: string): void => void process.stdout.write(`${line}\n`);

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

/** Files and rounds that were played to their end, and the frames and reads of all that was. */
type Played = {
  readonly files: number;
  readonly frames: number;
  readonly reads: number;
  readonly rounds: number;
  readonly behindMs: number;
};

const playAll = async (
  looked: readonly Looked[],
  reader: ReplayReader,
  { speed, loop }: ReplayOptions,
  signal: AbortSignal,
): Promise<Played> => {
  const run = newRun(randomBytes(8).toString("hex"));
  const played = { files: 0, rounds: 0, behindMs: 0 };
  /** What was under way when somebody stopped it may be kept or not; either is told by the reader's ledger. */
  const push = async (events: readonly ReplayedEvent[]): Promise<boolean> => {
    try {
      await reader.push(events);
      return true;
    } catch (error) {
      if (!signal.aborted) throw error;
      return false;
    }
  };
  const soFar = (): Played => ({ ...played, frames: run.frames, reads: run.reads });
  const wait = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
  do {
    for (const { path } of looked) {
      const { lines } = await openRecording(path);
      const behindMs = await play(lines, {
        ...{ speed, run, push, wait },
        nowMs: () => performance.now(),
        isStopped: () => signal.aborted,
      });
      played.behindMs = Math.max(played.behindMs, Math.round(behindMs));
      if (signal.aborted) return soFar();
      played.files += 1;
    }
    played.rounds += 1;
    // A folder in which nothing takes time must not keep a core busy for ever.
    if (loop) await wait(1);
  } while (loop && !signal.aborted);
  return soFar();
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
  for (const { path, frames, reads, lastMs, remarks } of looked) {
    const name = relative(options.path, path) || path;
    tell(`${name}: ${reads} reads in ${frames} frames over ${Math.round(lastMs / 1_000)} s`);
    for (const remark of remarks) tell(`  ${remark}`);
  }
  const [first] = looked;
  if (first === undefined) throw new Fault("recording.none", options.path);
  const { site, reader: id } = options;
  const reader = await openReplayReader(
    accessOf(options, replayUsage, stop.signal),
    { site, id },
    likenessOf(first),
  );
  const played = await playAll(looked, reader, options, stop.signal);
  const remarks = looked.flatMap(({ path, remarks }) => remarks.map((remark) => `${path}: ${remark}`));
  if (options.json) return say(JSON.stringify({ ...played, stopped: stop.signal.aborted, remarks }));
  say(
    `${stop.signal.aborted ? "stopped after" : "played"} ${played.files} ${played.files === 1 ? "file" : "files"}, ${played.reads} reads in ${played.frames} frames`,
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
