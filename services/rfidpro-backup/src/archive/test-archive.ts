import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId, type RfidproDataset } from "@tagwire/messages";
import { openFolder } from "./folder.ts";
import { folderOf, type Manifest, sealManifest, sealTombstone, sha256Of } from "./manifest.ts";
import type { ArchivePlace } from "./place.ts";
import { layPublicKey } from "./public-key.ts";
import { openRunFiles } from "./run-files.ts";
import { letGo, sealRun } from "./seal-run.ts";
import { openSigningKey, type SigningKey } from "./signing-key.ts";

/** An archive for a test, with the key that signs it, which lies beside it. */
export const openTestArchive = async (top?: string) => {
  const folder = top ?? (await mkdtemp(join(tmpdir(), "tagwire-archive-")));
  const dir = join(folder, "archive");
  const place = openFolder(dir);
  const key = await openSigningKey(join(folder, "key.pem"));
  await layPublicKey(place, key);
  return {
    ...{ dir, place, key },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
};

const pageOf = (dataset: RfidproDataset, what: string, offset: number) => {
  const rows = [{ tag_id: `${what}-${offset}` }, { tag_id: `${what}-${offset + 1}` }];
  const body = JSON.stringify({ totalcount: 4, returncount: 2, offset, data: rows });
  const receivedAt = "2026-03-02T07:00:00.000Z";
  return { dataset, pass: 1, offset, total: 4, rows, body, receivedAt };
};

async function* linesOf(what: string) {
  for (const index of [1, 2, 3, 4]) yield JSON.stringify({ identity: `${what}-${index}` });
}

type Kept = { readonly folder: string; readonly text: string; readonly manifest: Manifest };

/** Archives a run of some pages and rows, after those before it. */
export const archiveRun = async (
  place: ArchivePlace,
  key: SigningKey,
  {
    site,
    number,
    previous,
  }: { readonly site: string; readonly number: number; readonly previous: string | null },
): Promise<Kept & { readonly sha256: string }> => {
  const run = newId();
  const startedAt = `2026-03-${String(number).padStart(2, "0")}T07:00:00.000Z`;
  const files = await openRunFiles(place, run);
  const datasets = [];
  for (const dataset of ["items"] as const) {
    for (const offset of [0, 2]) await files.page(pageOf(dataset, `${site}-${number}`, offset));
    await files.rows(dataset, linesOf(`${site}-${dataset}-${number}`));
    datasets.push({
      ...{ dataset, id: dataset, window: { since: null, until: startedAt }, capability: null },
      ...{ verdict: "complete" as const, why: null, rows: 4, total: 4, pages: 2, requests: 3, passes: 1 },
      pageSha256: [...files.pageSha256(dataset)],
    });
  }
  const folder = folderOf({ site, startedAt, run });
  const text = sealManifest(
    {
      ...{ format: "tagwire.rfidpro-archive.v1", site, number, previous, run, by: "ann", how: "manual" },
      ...{ tool: "tagwire 0", source: "https://old.example", timeZone: "America/Chicago" },
      ...{ startedAt, endedAt: startedAt, state: "done", verdict: "complete", why: "all of it", datasets },
      files: [...(await files.keep(folder, async () => true))],
    },
    key,
  );
  await sealRun(place, { run, folder, text });
  return { folder, text, manifest: JSON.parse(text) as Manifest, sha256: sha256Of(text) };
};

/** Lets the files of a run go, as retention does. */
export const letRunGo = (place: ArchivePlace, key: SigningKey, { folder, text, manifest }: Kept) =>
  letGo(place, {
    ...{ run: manifest.run, folder, names: manifest.files.map(({ name }) => name) },
    text: sealTombstone(
      {
        ...{ format: "tagwire.rfidpro-tombstone.v1", site: manifest.site, run: manifest.run },
        ...{ manifest: sha256Of(text), removedAt: manifest.endedAt, keptDays: 30 },
      },
      key,
    ),
  });
