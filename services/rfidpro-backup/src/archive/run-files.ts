import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Fault, type RfidproDataset } from "@tagwire/messages";
import type { KeptPage } from "../store/pulled-pages.ts";
import { type LineFile, openLineFile } from "./line-file.ts";
import { type ManifestFile, sha256Of } from "./manifest.ts";
import type { ArchivePlace } from "./place.ts";

/** A file ends before it is longer than this, in characters before they are compressed, unless a single line is. */
export const partLengthMax = 64 * 1024 * 1024;

/** What a run brings, while it is being written. */
export type RunFiles = {
  /** Keeps an answer of RFIDpro as it came. */
  readonly page: (page: KeptPage) => Promise<void>;
  /** SHA-256 of the pages of a data set so far. */
  readonly pageSha256: (dataset: RfidproDataset) => readonly string[];
  /** Keeps what was made of a data set, one row a line. */
  readonly rows: (dataset: RfidproDataset, rows: AsyncIterable<string>) => Promise<void>;
  /** Takes all files into the archive, and tells what the manifest is to say of them. What was taken there before it failed is there still. */
  readonly keep: (folder: string, isOurs: () => Promise<boolean>) => Promise<readonly ManifestFile[]>;
  /** Throws away what was not kept. */
  readonly drop: () => Promise<void>;
};

type Part = { readonly name: string; readonly lines: LineFile };

const nameOf = (dataset: RfidproDataset, kind: "raw" | "rows", part: number): string =>
  `${dataset}-${kind}-${String(part).padStart(5, "0")}.ndjson.gz`;

/** Begins to write the files of a run, beside the archive. */
export const openRunFiles = async (
  place: ArchivePlace,
  run: string,
  lengthMax = partLengthMax,
): Promise<RunFiles> => {
  const spool = await place.spool(run);
  const parts: Part[] = [];
  const open = new Map<string, { part: number; lines: LineFile }>();
  const ended: (ManifestFile & { readonly file: string })[] = [];
  const pages = new Map<RfidproDataset, string[]>();

  const end = async ({ name, lines }: Part) => {
    ended.push({ name, file: lines.file, ...(await lines.end()) });
  };
  const add = async (dataset: RfidproDataset, kind: "raw" | "rows", line: string) => {
    const key = `${dataset}-${kind}`;
    const current = open.get(key);
    if (current !== undefined && current.lines.length() + line.length <= lengthMax)
      return current.lines.write(line);
    const part = (current?.part ?? 0) + 1;
    const name = nameOf(dataset, kind, part);
    const next = { name, lines: openLineFile(join(spool, name)) };
    parts.push(next);
    open.set(key, { part, lines: next.lines });
    if (current !== undefined) await end({ name: nameOf(dataset, kind, current.part), lines: current.lines });
    return next.lines.write(line);
  };

  return {
    page: async ({ dataset, pass, offset, total, receivedAt, body }) => {
      const sha256 = sha256Of(body);
      const known = pages.get(dataset);
      if (known === undefined) pages.set(dataset, [sha256]);
      else known.push(sha256);
      await add(dataset, "raw", JSON.stringify({ pass, offset, total, receivedAt, sha256, body }));
    },
    pageSha256: (dataset) => pages.get(dataset) ?? [],
    rows: async (dataset, rows) => {
      for await (const row of rows) await add(dataset, "rows", row);
    },
    keep: async (folder, isOurs) => {
      for (const [key, { part, lines }] of open) {
        const [dataset, kind] = key.split("-") as [RfidproDataset, "raw" | "rows"];
        await end({ name: nameOf(dataset, kind, part), lines });
      }
      open.clear();
      const files = ended.toSorted((left, right) => (left.name < right.name ? -1 : 1));
      for (const { name, file } of files) {
        if (!(await isOurs())) throw new Fault("lease.lost", run);
        await place.put(`${folder}/${name}`, file);
      }
      return files.map(({ file: _file, ...sums }) => sums);
    },
    drop: async () => {
      for (const { lines } of parts) await lines.drop();
      await rm(spool, { recursive: true, force: true });
    },
  };
};
