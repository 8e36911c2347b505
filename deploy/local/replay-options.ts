import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { UsageError, type Whereabouts } from "./options.ts";

/** What is played, where to, and how. */
export interface ReplayOptions {
  readonly path: string;
  readonly site: string;
  readonly reader: string;
  /** The recorded reader that is played, where a folder has several. */
  readonly from: string | undefined;
  /** How many times as fast as it was; infinite for as fast as it is taken. */
  readonly speed: number;
  readonly loop: boolean;
  /** Also into the site that it was recorded in. */
  readonly intoOwnSite: boolean;
  readonly json: boolean;
  readonly dataDir: string;
  readonly url: string | undefined;
  readonly keyFile: string | undefined;
  readonly adminKey: string | undefined;
}

export const replayUsage = `npx tagwire replay <dir> --site SITE --reader READER [options]
  <dir>            a folder of recordings (.jsonl) or LLRP captures (.bin, .bytes), or one such file
  --site SITE      the site it is played into
  --reader READER  the reader that seems to read; it is made when it is not there, and must be of the driver "replay"
  --from READER    play the recordings of this reader alone
  --speed N        0.1 to 1000 times as fast as it was, or max (default 1)
  --loop           again from the beginning until Ctrl-C
  --into-own-site  even into the site where it was recorded, whose stock then moves to where it was
  --json           say what was played as JSON
  --data DIR       where the Tagwire that runs keeps its data (TAGWIRE_HOME; default .tagwire)
  --url URL        a Tagwire elsewhere, with --key-file
  --key-file FILE  a file with an API key (default: TAGWIRE_ADMIN_KEY, else the key for tools in the data folder)`;

const speedMin = 0.1;
const speedMax = 1_000;

const flags = {
  site: { type: "string" },
  reader: { type: "string" },
  from: { type: "string" },
  speed: { type: "string" },
  loop: { type: "boolean" },
  "into-own-site": { type: "boolean" },
  json: { type: "boolean" },
  data: { type: "string" },
  url: { type: "string" },
  "key-file": { type: "string" },
} as const;

const wrong = (why: string): UsageError => new UsageError(`${why}\n\n${replayUsage}`);

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: true });
  } catch (error) {
    throw wrong(error instanceof Error ? `${error.message.split(". ")[0] ?? ""}.` : String(error));
  }
};

const readSpeed = (text: string): number => {
  if (text === "max") return Number.POSITIVE_INFINITY;
  const speed = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (speed >= speedMin && speed <= speedMax) return speed;
  throw wrong(`--speed is a number from ${speedMin} to ${speedMax}, or max.`);
};

/** Throws `UsageError`. Paths are taken from where the person is. */
export const readReplayOptions = (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { cwd, root }: Whereabouts,
): ReplayOptions => {
  const { values, positionals } = parse(args);
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw wrong("Name one folder.");
  const { site, reader, from, url } = values;
  if (site === undefined || reader === undefined) throw wrong("Say --site and --reader.");
  if (url !== undefined && !/^https?:\/\/[^/]/.test(url))
    throw wrong("--url begins with http:// or https://.");
  const keyFile = values["key-file"];
  const home = values.data ?? (env.TAGWIRE_HOME || undefined);
  return {
    path: resolve(cwd, path),
    ...{ site, reader, from },
    speed: readSpeed(values.speed ?? "1"),
    loop: values.loop === true,
    intoOwnSite: values["into-own-site"] === true,
    json: values.json === true,
    dataDir: home === undefined ? join(root, ".tagwire") : resolve(cwd, home),
    url: url?.replace(/\/+$/, ""),
    keyFile: keyFile === undefined ? undefined : resolve(cwd, keyFile),
    adminKey: env.TAGWIRE_ADMIN_KEY || undefined,
  };
};
