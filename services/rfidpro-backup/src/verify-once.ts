import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openBucket } from "./archive/bucket.ts";
import { openFolder } from "./archive/folder.ts";
import type { ArchivePlace } from "./archive/place.ts";
import { publicKeyName } from "./archive/public-key.ts";
import { type ArchiveProof, verifyArchive } from "./archive/verify.ts";
import { readBucket } from "./config.ts";

const usage =
  "verify-archive DIR|--bucket [--known FILE] [--json]: reads every byte of an archive, that of the settings' bucket with --bucket. FILE holds what the service knows of it, as JSON: " +
  "publicKey and heads. Ends with 0 when all is as it was archived, 3 when not, 1 when it could not be looked at.";
const differing = 3;

/** What GET /rfidpro/archive answers. */
type Known = {
  readonly publicKey?: string | null;
  readonly heads?: ArchiveProof["expectedHeads"];
};

const proofOf = ({ publicKey, heads }: Known): ArchiveProof => ({
  publicKey: publicKey ?? undefined,
  expectedHeads: heads,
});

const bucketOfSettings = (): { readonly name: string; readonly place: ArchivePlace } => {
  const bucket = readBucket();
  if (bucket === undefined) throw new Error("the settings name no bucket: RFIDPRO_S3_*");
  return { name: bucket.bucket, place: openBucket(bucket) };
};

/** The folder of the archive: where the folder that holds one is named instead, what is in it would be called files that nobody added. */
const archiveAt = (dir: string): string => {
  const within = join(dir, "archive");
  return !existsSync(join(dir, publicKeyName)) && existsSync(join(within, publicKeyName)) ? within : dir;
};

const readWords = (words: readonly string[]) => {
  const { values, positionals } = parseArgs({
    args: [...words],
    options: { known: { type: "string" }, json: { type: "boolean" }, bucket: { type: "boolean" } },
    strict: true,
    allowPositionals: true,
  });
  const more = { known: values.known, json: values.json === true };
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
    const { name, place, known, json } = readWords(words);
    const proof = known === undefined ? {} : proofOf(JSON.parse(await readFile(known, "utf8")) as Known);
    const report = await verifyArchive(place, proof);
    const notes = reservations(proof);
    if (json) say(JSON.stringify({ ...report, notes }));
    else {
      for (const { code, path, detail } of report.faults) say(`✗ ${code}  ${path}: ${detail}`);
      const verdict = report.faults.length === 0 ? "all is as it was archived" : "not as it was archived";
      say(`${name}: ${verdict}, ${report.manifests} runs, ${report.files} files`);
      for (const note of notes) say(`  ${note}`);
    }
    return report.faults.length === 0 ? 0 : differing;
  } catch (error) {
    process.stderr.write(`✗ ${error instanceof Error ? error.message : String(error)}\n  ${usage}\n`);
    return 1;
  }
};
