import { randomUUID } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { identityOf } from "./process-identity.ts";

/**
 * A folder for what is being fetched. Beside the cache, because a binary has to run to be judged, and the folder for
 * temporary files may be one from which nothing runs. What a killed search left there is removed.
 */
export const makeWorkFolder = (cacheDir: string): string => {
  mkdirSync(cacheDir, { recursive: true });
  for (const name of readdirSync(cacheDir)) {
    const owner = /^fetch-(\d+)-/.exec(name)?.[1];
    if (owner !== undefined && identityOf(Number(owner)) === undefined)
      rmSync(join(cacheDir, name), { recursive: true, force: true });
  }
  return mkdtempSync(join(cacheDir, `fetch-${process.pid}-`));
};

/** Moves into the cache in one step, so that two searches at once cannot leave half a file. */
export const keep = (binary: string, cacheDir: string, name: string): string => {
  const kept = join(cacheDir, name);
  const incoming = `${kept}.new-${randomUUID()}`;
  copyFileSync(binary, incoming);
  chmodSync(incoming, 0o755);
  renameSync(incoming, kept);
  return kept;
};
