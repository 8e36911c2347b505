import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** What a manifest says of a file. */
export type FileSums = { readonly bytes: number; readonly sha256: string; readonly records: number };

/** A file of compressed lines that is being written. */
export type LineFile = {
  readonly file: string;
  /** Characters written so far, before they were compressed. */
  readonly length: () => number;
  readonly write: (line: string) => Promise<void>;
  /** Resolves when all is on the disk. */
  readonly end: () => Promise<FileSums>;
  /** Lets the file be as it is. */
  readonly drop: () => Promise<void>;
};

/** Begins a file of lines. What cannot be written makes `write` or `end` reject. */
export const openLineFile = (file: string): LineFile => {
  const gzip = createGzip();
  const hash = createHash("sha256");
  const sums = { bytes: 0, records: 0, length: 0 };
  const summed = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      sums.bytes += chunk.length;
      yield chunk;
    }
  };
  const written = pipeline(gzip, summed, createWriteStream(file, { flags: "wx", mode: 0o600, flush: true }));
  // Whoever writes next meets the failure.
  written.catch(() => {});
  return {
    file,
    length: () => sums.length,
    write: async (line) => {
      sums.records += 1;
      sums.length += line.length + 1;
      if (gzip.destroyed) return written;
      if (!gzip.write(`${line}\n`)) await Promise.race([once(gzip, "drain"), written]);
    },
    end: async () => {
      gzip.end();
      await written;
      return { bytes: sums.bytes, records: sums.records, sha256: hash.digest("hex") };
    },
    drop: async () => {
      gzip.destroy();
      await written.catch(() => {});
    },
  };
};
