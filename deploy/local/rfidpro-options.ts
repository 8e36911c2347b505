import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type RfidproDataset, rfidproDatasets } from "@tagwire/messages";
import type { AccessOptions } from "./access.ts";
import { UsageError, type Whereabouts } from "./options.ts";

export const rfidproUsage = `npx tagwire rfidpro pull --site SITE [options]
npx tagwire rfidpro verify-archive DIR|--bucket [options]
  --site SITE      pull RFIDpro for this site now, read only, and wait until it has ended: 0 when all of it was read,
                   3 when not all was, 1 when nothing was
  --datasets LIST  of classes,items,transactions; all of them unless some are named
  --no-compare     do not compare it with the record
  --incremental    of the scans only those that RFIDpro took since they were read last; nothing is told missing by it
  DIR              the folder of an archive: 0 when all is as it was archived, 3 when not, 1 when it cannot be looked at
  --bucket         the archive in the bucket that RFIDPRO_S3_* name, instead of a folder
  --json           the result as JSON
  --data DIR       where the Tagwire that runs keeps its data (TAGWIRE_HOME; default .tagwire)
  --url URL        a Tagwire elsewhere, with --key-file
  --key-file FILE  a file with an API key (default: TAGWIRE_ADMIN_KEY, else the key for tools in the data folder)`;

type Common = { readonly access: AccessOptions; readonly json: boolean; readonly root: string };
export type PullOptions = Common & {
  readonly what: "pull";
  readonly site: string;
  readonly datasets: readonly RfidproDataset[] | undefined;
  readonly compare: boolean;
  readonly incremental: boolean;
};
export type VerifyOptions = Common & {
  readonly what: "verify-archive";
  /** The folder; undefined for the bucket of the settings. */
  readonly dir: string | undefined;
};

const flags = {
  site: { type: "string" },
  datasets: { type: "string" },
  "no-compare": { type: "boolean" },
  incremental: { type: "boolean" },
  bucket: { type: "boolean" },
  json: { type: "boolean" },
  data: { type: "string" },
  url: { type: "string" },
  "key-file": { type: "string" },
} as const;

const wrong = (why: string): UsageError => new UsageError(`${why}\n\n${rfidproUsage}`);

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: true });
  } catch (error) {
    throw wrong(error instanceof Error ? `${error.message.split(". ")[0] ?? ""}.` : String(error));
  }
};

const isDataset = (name: string): name is RfidproDataset => rfidproDatasets.some((one) => one === name);

const datasetsOf = (list: string | undefined): readonly RfidproDataset[] | undefined =>
  list?.split(",").map((name) => {
    if (!isDataset(name)) throw wrong(`${name} is no data set.`);
    return name;
  });

/** Reads what is asked for; paths are taken from where the person is. @throws UsageError */
export const readRfidproOptions = (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  { cwd, root }: Whereabouts,
): PullOptions | VerifyOptions => {
  const { values, positionals } = parse(args);
  const [what, dir, ...more] = positionals;
  const { url, site } = values;
  if (url !== undefined && !/^https?:\/\/[^/]/.test(url))
    throw wrong("--url begins with http:// or https://.");
  const home = values.data ?? (env.TAGWIRE_HOME || undefined);
  const keyFile = values["key-file"];
  const access = {
    dataDir: home === undefined ? join(root, ".tagwire") : resolve(cwd, home),
    url: url?.replace(/\/+$/, ""),
    keyFile: keyFile === undefined ? undefined : resolve(cwd, keyFile),
    adminKey: env.TAGWIRE_ADMIN_KEY || undefined,
  };
  const common = { access, root, json: values.json === true };
  if (what === "pull") {
    if (site === undefined || dir !== undefined) throw wrong("Name one site with --site.");
    const datasets = datasetsOf(values.datasets);
    return {
      ...{ ...common, what, site, datasets },
      ...{ compare: values["no-compare"] !== true, incremental: values.incremental === true },
    };
  }
  if (what !== "verify-archive") throw wrong("Say pull or verify-archive.");
  if (values.bucket === true && dir === undefined) return { ...common, what, dir: undefined };
  if (dir === undefined || more.length > 0 || values.bucket === true)
    throw wrong("Name one folder, or say --bucket.");
  return { ...common, what, dir: resolve(cwd, dir) };
};
