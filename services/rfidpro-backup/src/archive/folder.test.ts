import { mkdtemp, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openFolder } from "./folder.ts";
import type { ArchivePlace } from "./place.ts";

let top: string;
beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), "tagwire-folder-"));
});
afterEach(() => rm(top, { recursive: true, force: true }));

const noLinks = () => Promise.reject(Object.assign(new Error("no links here"), { code: "EPERM" }));
const path = "rfidpro/north/2026/11/27/run/items-raw-00001.ndjson.gz";
const full = () => join(top, path);

const put = async (place: ArchivePlace, text: string): Promise<void> => {
  const file = join(await place.spool("run"), "file");
  await writeFile(file, text);
  await place.put(path, file);
};
const listed = async (place: ArchivePlace, folder?: string) => {
  const files: unknown[] = [];
  for await (const { path: name, bytes } of place.list(folder)) files.push([name, bytes]);
  return files;
};

test.each([
  { disk: "knows hard links", open: () => openFolder(top) },
  { disk: "knows none", open: () => openFolder(top, noLinks) },
])(
  "on a disk that $disk a file is there whole, once, read-only, and never written over",
  async ({ open }) => {
    const place = open();
    expect(await place.has(path)).toBe(false);
    await put(place, "as it came");
    expect(await place.has(path)).toBe(true);
    await put(place, "as it came");
    await expect(put(place, "otherwise")).rejects.toThrow("is in the archive already");
    expect(await readFile(full(), "utf8")).toBe("as it came");
    expect((await stat(full())).mode & 0o777).toBe(0o444);
    expect(await listed(place)).toEqual([[path, 10]]);
    expect(await listed(place, "rfidpro/north")).toEqual([[path, 10]]);
    expect(await listed(place, "rfidpro/nor")).toEqual([]);
  },
);

test("without hard links of those that come at once one has the name, and what it brought is there", async () => {
  const place = openFolder(top, noLinks);
  for (let round = 1; round <= 20; round += 1) {
    const texts = ["one", "another", "a third"];
    const ended = await Promise.allSettled(texts.map((text) => put(place, text)));
    const kept = texts.filter((_text, index) => ended[index]?.status === "fulfilled");
    expect(kept).toEqual([await readFile(full(), "utf8")]);
    await place.remove(path);
  }
});

test("without hard links a name that is held by whoever died is nothing that is there, and is taken over in time", async () => {
  const place = openFolder(top, noLinks);
  await put(place, "of a run before");
  await place.remove(path);
  await writeFile(full(), "", { mode: 0o444 });
  expect(await place.has(path)).toBe(false);
  await expect(put(place, "as it came")).rejects.toThrow("another process holds its name");
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(full(), longAgo, longAgo);
  await put(place, "as it came");
  expect(await readFile(full(), "utf8")).toBe("as it came");
});

test("what a disk cannot say is not that nothing is there", async () => {
  const place = openFolder(top);
  await put(place, "as it came");
  // Stands for a share that is away, or a folder that nobody may look into.
  const below = `${path}/manifest.json`;
  await expect(place.has(below)).rejects.toMatchObject({ code: "ENOTDIR" });
  await expect(listed(place, below)).rejects.toMatchObject({ code: "ENOTDIR" });
});

test("what else a disk says is no lack of hard links", async () => {
  const place = openFolder(top, () =>
    Promise.reject(Object.assign(new Error("no space"), { code: "ENOSPC" })),
  );
  await expect(put(place, "as it came")).rejects.toThrow("no space");
  expect(await listed(place)).toEqual([]);
});
