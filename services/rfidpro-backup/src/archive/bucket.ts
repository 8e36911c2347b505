import { createReadStream, openAsBlob } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { AwsClient } from "aws4fetch";
import { contentSum } from "./content-sum.ts";
import { type ArchivedFile, type ArchivePlace, clearSpools } from "./place.ts";

export type BucketSettings = {
  /** The address before the bucket's name, which stands in the path. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Until the lock has run out nobody changes a file: `COMPLIANCE` nobody at all, `GOVERNANCE` whoever may lift it. */
  readonly lock: "COMPLIANCE" | "GOVERNANCE";
  readonly lockedDays: number;
};

const dayMs = 86_400_000;
const requestTimeoutMs = 120_000;
const triesMax = 3;
const conflicts = [409, 412];

/** Names and sizes in one answer of a listing: S3's own bound. */
const entries = /<Contents>([\s\S]*?)<\/Contents>/g;
const memberOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];

const unescaped = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos);/g, (_all, name: string) => {
    const characters: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
    return characters[name] ?? "";
  });

/** An archive in a bucket that speaks S3 and locks objects. What is put there is locked from its first moment. */
export const openBucket = (settings: BucketSettings): ArchivePlace => {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey, lock, lockedDays } = settings;
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    region,
    service: "s3",
    retries: triesMax - 1,
  });
  const top = `${endpoint.replace(/\/+$/, "")}/${bucket}`;
  const urlOf = (path: string) => `${top}/${path.split("/").map(encodeURIComponent).join("/")}`;
  const spools = join(tmpdir(), `tagwire-rfidpro-${process.pid}`);

  const ask = async (url: string, init: RequestInit = {}): Promise<Response> =>
    client.fetch(url, { redirect: "error", signal: AbortSignal.timeout(requestTimeoutMs), ...init });
  const refused = async (what: string, response: Response): Promise<Error> => {
    const code = memberOf(await response.text().catch(() => ""), "Code");
    return new Error(
      `the bucket answers ${response.status}${code === undefined ? "" : ` ${code}`} to ${what}`,
    );
  };

  async function* list(folder?: string): AsyncIterable<ArchivedFile> {
    const below = folder === undefined ? "" : `&prefix=${encodeURIComponent(`${folder}/`)}`;
    for (let token: string | undefined = ""; token !== undefined; ) {
      const more: string = token === "" ? "" : `&continuation-token=${encodeURIComponent(token)}`;
      const response = await ask(`${top}?list-type=2${more}${below}`);
      if (!response.ok) throw await refused("a listing", response);
      const xml = await response.text();
      for (const [, entry = ""] of xml.matchAll(entries)) {
        const path = unescaped(memberOf(entry, "Key") ?? "");
        yield { path, bytes: Number(memberOf(entry, "Size")), isPlain: true };
      }
      const next = memberOf(xml, "NextContinuationToken");
      token = next === undefined ? undefined : unescaped(next);
    }
  }

  async function* contentOf(path: string): AsyncIterable<Uint8Array> {
    const response = await ask(urlOf(path));
    if (!response.ok || response.body === null) throw await refused(`reading ${path}`, response);
    yield* response.body;
  }

  return {
    spool: async (run) => {
      await mkdir(spools, { recursive: true, mode: 0o700 });
      return mkdtemp(join(spools, `${run}-`));
    },
    clear: (run) => clearSpools(spools, run),
    put: async (path, file) => {
      const sum = await contentSum(createReadStream(file));
      const response = await ask(urlOf(path), {
        method: "PUT",
        body: await openAsBlob(file),
        headers: {
          // The bucket takes it only whole, and only where nothing is.
          "x-amz-content-sha256": sum.toString("hex"),
          "x-amz-checksum-sha256": sum.toString("base64"),
          "if-none-match": "*",
          "x-amz-object-lock-mode": lock,
          "x-amz-object-lock-retain-until-date": new Date(Date.now() + lockedDays * dayMs).toISOString(),
        },
      });
      const isTaken = conflicts.includes(response.status);
      if (!isTaken && !response.ok) throw await refused(`writing ${path}`, response);
      await response.body?.cancel();
      // Where an answer is lost on its way, what was written is written once more.
      if (isTaken && !sum.equals(await contentSum(contentOf(path))))
        throw new Error(`${path} is in the archive already`);
      await rm(file);
    },
    has: async (path) => {
      const response = await ask(urlOf(path), { method: "HEAD" });
      if (response.status === 404) return false;
      if (!response.ok) throw await refused(`looking for ${path}`, response);
      return true;
    },
    read: (path) => Readable.from(contentOf(path)),
    list,
    remove: async (path) => {
      const response = await ask(urlOf(path), { method: "DELETE" });
      if (!response.ok && response.status !== 404) throw await refused(`removing ${path}`, response);
    },
  };
};
