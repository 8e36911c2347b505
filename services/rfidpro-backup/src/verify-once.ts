import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openLog } from "@tagwire/service";
import { openStore, type Sql } from "@tagwire/store";
import { openBucket } from "./archive/bucket.ts";
import { openFolder } from "./archive/folder.ts";
import type { ArchivePlace } from "./archive/place.ts";
import { publicKeyName } from "./archive/public-key.ts";
import { type ArchiveProof, verifyArchive } from "./archive/verify.ts";
import { readBucket, readDatabaseUrl, readLogLevel } from "./config.ts";
import { findArchiveKeys } from "./store/archive-keys.ts";
import { isUnderWay, listSealedHeads } from "./store/manifests.ts";
import { schema } from "./store/migrations.ts";

const usage =
  "verify-archive DIR|--bucket [--known FILE | --database] [--json]: reads every byte of an archive, that of the settings' bucket with --bucket. FILE holds what the service knows of it, as JSON: " +
  "publicKey and heads; --database asks the service's own, that of DATABASE_URL. Ends with 0 when all is as it was archived, 3 when not, 1 when it could not be looked at.";
const differing = 3;
const name = "rfidpro-verify";

/** What GET /rfidpro/archive answers. */
type Known = {
  readonly publicKey?: string | null;
  readonly heads?: ArchiveProof["expectedHeads"];
  readonly underWay?: readonly string[];
};

const proofOf = ({ publicKey, heads, underWay = [] }: Known): ArchiveProof => ({
  publicKey: publicKey ?? undefined,
  expectedHeads: heads,
  isUnderWay: async (run) => underWay.includes(run),
});

const readKnown = async (file: string | undefined): Promise<ArchiveProof> =>
  file === undefined ? {} : proofOf(JSON.parse(await readFile(file, "utf8")) as Known);

const bucketOfSettings = (): { readonly name: string; readonly place: ArchivePlace } => {
  const bucket = readBucket();
  if (bucket === undefined) throw new Error("the settings name no bucket: RFIDPRO_S3_*");
  return { name: bucket.bucket, place: openBucket(bucket) };
};

const withDatabase = async <T>(work: (sql: Sql) => Promise<T>): Promise<T> => {
  const log = openLog(name, readLogLevel());
  const store = await openStore({ url: readDatabaseUrl(), schema, name, log, connectionsMax: 1 });
  try {
    return await work(store.sql);
  } finally {
    await store.close();
  }
};

/**
 * What the service's own database knows, asked before anything is looked at: what is archived meanwhile is newer, and is no fault.
 *
 * @throws Error where it knows no key, since then nothing that is there could be told from what somebody made anew
 */
const askDatabase = async (): Promise<ArchiveProof> => {
  const sinceMs = Date.now();
  return withDatabase(async (sql) => {
    const publicKey = await findArchiveKeys(sql);
    if (publicKey === undefined) throw new Error("the database knows of no key that ever signed an archive");
    return {
      publicKey,
      expectedHeads: await listSealedHeads(sql),
      // Asked of the few folders without a manifest, once they were seen: their runs may have begun since.
      isUnderWay: (run) => withDatabase((now) => isUnderWay(now, run, sinceMs)),
    };
  });
};

/** The folder of the archive: where the folder that holds one is named instead, what is in it would be called files that nobody added. */
const archiveAt = (dir: string): string => {
  const within = join(dir, "archive");
  return !existsSync(join(dir, publicKeyName)) && existsSync(join(within, publicKeyName)) ? within : dir;
};

const readWords = (words: readonly string[]) => {
  const { values, positionals } = parseArgs({
    args: [...words],
    options: {
      known: { type: "string" },
      database: { type: "boolean" },
      ...{ json: { type: "boolean" }, bucket: { type: "boolean" } },
    },
    strict: true,
    allowPositionals: true,
  });
  if (values.known !== undefined && values.database === true) throw new Error("say --known or --database");
  const more = { known: values.known, asks: values.database === true, json: values.json === true };
  if (values.bucket === true && positionals.length === 0) return { ...bucketOfSettings(), ...more };
  const [dir, ...others] = positionals;
  if (dir === undefined || others.length > 0) throw new Error("name one folder");
  if (!existsSync(dir)) throw new Error(`${dir} is not there`);
  const archive = archiveAt(dir);
  return { name: archive, place: openFolder(archive), ...more };
};

/** What is not proven, for want of what only the service knows. */
const reservations = ({ publicKey, expectedHeads }: ArchiveProof): string[] => [
  ...(publicKey === undefined
    ? ["The key beside the archive was believed: whoever made a whole archive anew has made that anew, too."]
    : []),
  ...(expectedHeads === undefined
    ? [
        "What the service knows of the newest runs could not be asked, so that nobody can say whether they are there.",
      ]
    : []),
];

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Verifies an archive, and gives the code that the process ends with. */
export const verifyOnce = async (words: readonly string[]): Promise<number> => {
  try {
    const { name: of, place, known, asks, json } = readWords(words);
    const proof = asks ? await askDatabase() : await readKnown(known);
    const report = await verifyArchive(place, proof);
    const notes = reservations(proof);
    if (json) say(JSON.stringify({ ...report, notes }));
    else {
      for (const { code, path, detail } of report.faults) say(`✗ ${code}  ${path}: ${detail}`);
      const verdict = report.faults.length === 0 ? "all is as it was archived" : "not as it was archived";
      say(`${of}: ${verdict}, ${report.manifests} runs, ${report.files} files`);
      for (const note of notes) say(`  ${note}`);
    }
    return report.faults.length === 0 ? 0 : differing;
  } catch (error) {
    process.stderr.write(`✗ ${error instanceof Error ? error.message : String(error)}\n  ${usage}\n`);
    return 1;
  }
};
