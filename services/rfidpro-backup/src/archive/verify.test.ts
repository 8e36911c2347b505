import { execFileSync } from "node:child_process";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { seededRandom } from "@tagwire/emulators";
import { expect, test } from "vitest";
import type { ArchiveHead } from "./fault.ts";
import { openFolder } from "./folder.ts";
import type { ReadArchive } from "./place.ts";
import { archiveRun, letRunGo, openTestArchive } from "./test-archive.ts";
import { damages, type Files, otherSpellings } from "./test-damage.ts";
import { verifyArchive } from "./verify.ts";

const runsOf = { north: 3, south: 2 } as const;

/** Runs of two sites, of which the first was let go. */
const openArchive = async () => {
  const archive = await openTestArchive();
  const { place, key } = archive;
  const heads: ArchiveHead[] = [];
  for (const [site, runs] of Object.entries(runsOf)) {
    let previous: string | null = null;
    for (let number = 1; number <= runs; number += 1) {
      const kept = await archiveRun(place, key, { site, number, previous });
      if (site === "north" && number === 1) await letRunGo(place, key, kept);
      previous = kept.sha256;
    }
    heads.push({ site, number: runs, manifest: previous ?? "" });
  }
  return { ...archive, heads, proof: { publicKey: key.publicKey, expectedHeads: heads } };
};

const filesOf = async (dir: string): Promise<Files> => {
  const files = new Map<string, Buffer>();
  for await (const { path } of openFolder(dir).list()) files.set(path, await readFile(join(dir, path)));
  return files;
};

/** Makes the files of a folder those that are wanted. */
const lay = async (dir: string, held: Files, wanted: Files): Promise<void> => {
  for (const path of held.keys()) if (!wanted.has(path)) await rm(join(dir, path));
  for (const [path, content] of wanted) {
    if (held.get(path)?.equals(content) === true) continue;
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await rm(join(dir, path), { force: true });
    await writeFile(join(dir, path), content);
  }
};

test("an archive to which nothing happened has no fault, with what is known of it and without", async () => {
  await using archive = await openArchive();
  const sound = { manifests: 5, faults: [] };
  expect(await verifyArchive(archive.place, archive.proof)).toMatchObject(sound);
  expect(await verifyArchive(archive.place)).toMatchObject(sound);
});

const corruptions = 1_000;

/** An archive whose files are in memory: the same bytes under the same names, which no disk makes slow. */
const inMemory = (files: Files): ReadArchive => ({
  list: async function* () {
    for (const [path, { length: bytes }] of files) yield { path, bytes, isPlain: true };
  },
  read: (path) => Readable.from([files.get(path) ?? Buffer.alloc(0)]),
});

test(`${corruptions} corruptions of every kind are found, each with the right words`, {
  timeout: 300_000,
}, async () => {
  await using archive = await openArchive();
  const whole = await filesOf(archive.dir);
  const random = seededRandom("archive");
  const kinds = Object.entries(damages);
  const wrong: unknown[] = [];
  const done = new Map<string, number>();
  for (let tried = 0; [...done.values()].reduce((sum, count) => sum + count, 0) < corruptions; tried += 1) {
    const [what, damage] = kinds[tried % kinds.length] ?? random.pick(kinds);
    const damaged = damage(whole, random);
    if (damaged === undefined) continue;
    const { code, path } = damaged;
    const verify = async (place: ReadArchive) => {
      const { faults } = await verifyArchive(place, archive.proof);
      const isFound = faults.some(
        (fault) => fault.code === code && (path === undefined || fault.path === path),
      );
      if (!isFound) wrong.push({ what, code, path, faults });
    };
    await verify(inMemory(damaged.files));
    // One of each kind is done to the files on the disk, too.
    if (!done.has(what)) {
      await lay(archive.dir, whole, damaged.files);
      await verify(archive.place);
      await lay(archive.dir, damaged.files, whole);
    }
    done.set(what, (done.get(what) ?? 0) + 1);
  }
  expect(wrong).toEqual([]);
  expect(done.size).toBe(kinds.length);
  expect(await verifyArchive(archive.place, archive.proof)).toMatchObject({ faults: [] });
});

test("no character of a signature can be another, nor of the key beside it, also where nothing outside is known", async () => {
  await using archive = await openArchive();
  const whole = await filesOf(archive.dir);
  const sealed = ["/north/2026/03/01/.*/tombstone.json", "/north/2026/03/03/.*/manifest.json"].map(
    (shape) => {
      const path = [...whole.keys()].find((one) => new RegExp(shape).test(one)) ?? "";
      return { path, others: otherSpellings(whole.get(path) ?? Buffer.alloc(0)) };
    },
  );
  const key = whole.get("public-key.pem")?.toString() ?? "";
  const spelt = [...key].flatMap((character, at) =>
    // A bit of each character, and of each a character more.
    [String.fromCharCode(character.charCodeAt(0) ^ 1), `${character} `].map((other) =>
      Buffer.from(key.slice(0, at) + other + key.slice(at + 1)),
    ),
  );
  for (const { path, others } of [...sealed, { path: "public-key.pem", others: spelt }]) {
    expect(others.length).toBeGreaterThan(63);
    for (const other of others) {
      const { faults } = await verifyArchive(inMemory(new Map([...whole, [path, other]])));
      // Another key is found by what it has not signed.
      const where = path === "public-key.pem" ? {} : { path };
      expect(faults, other.toString()).toContainEqual(expect.objectContaining({ code: "changed", ...where }));
    }
  }
});

test("what has the size of no file of the archive is told by that, and not read; what has that of another is", async () => {
  await using archive = await openArchive();
  const whole = await filesOf(archive.dir);
  const [path = "", other = ""] = [...whole.keys()].filter((one) => one.endsWith(".gz"));
  const read: string[] = [];
  const verify = async (content: Buffer) => {
    const place = inMemory(new Map([...whole, [path, content]]));
    read.length = 0;
    const counted: ReadArchive = {
      ...place,
      read: (one) => {
        read.push(one);
        return place.read(one);
      },
    };
    return (await verifyArchive(counted, archive.proof)).faults.map(({ code }) => code);
  };
  expect([await verify(Buffer.alloc(1_000_000)), read.includes(path)]).toEqual([["changed"], false]);
  expect([await verify(whole.get(other) ?? Buffer.alloc(0)), read.includes(path)]).toEqual([
    ["reordered"],
    true,
  ]);
});

test("an archive that somebody made anew with a key of their own is found where the true key is known", async () => {
  await using archive = await openArchive();
  await using forged = await openArchive();
  expect((await verifyArchive(forged.place)).faults).toEqual([]);
  const { faults } = await verifyArchive(forged.place, archive.proof);
  expect(new Set(faults.map(({ code }) => code))).toEqual(new Set(["changed", "rolled_back"]));
});

test("without what the service remembers nobody can know that the newest run is gone", async () => {
  await using archive = await openArchive();
  const whole = await filesOf(archive.dir);
  const left = new Map([...whole].filter(([path]) => !path.includes("/north/2026/03/03/")));
  await lay(archive.dir, whole, left);
  expect((await verifyArchive(archive.place)).faults).toEqual([]);
  expect((await verifyArchive(archive.place, archive.proof)).faults).toMatchObject([
    { code: "rolled_back", path: "rfidpro/north" },
  ]);
});

test("a link in the place of a file is no file of the archive", async () => {
  await using archive = await openArchive();
  const [path = ""] = [...(await filesOf(archive.dir)).keys()].filter((one) => one.endsWith(".gz"));
  const elsewhere = `${archive.dir}-elsewhere`;
  await writeFile(elsewhere, await readFile(join(archive.dir, path)));
  await rm(join(archive.dir, path));
  await symlink(elsewhere, join(archive.dir, path));
  const { faults } = await verifyArchive(archive.place, archive.proof);
  expect(faults).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ code: "added", path }),
      expect.objectContaining({ code: "missing", path }),
    ]),
  );
});

test("what is archived can be read with the tools that everybody has", async () => {
  await using archive = await openArchive();
  const [path = ""] = [...(await filesOf(archive.dir)).keys()].filter((one) => one.includes("items-raw"));
  const lines = execFileSync("gzip", ["-dc", join(archive.dir, path)])
    .toString()
    .trim()
    .split("\n");
  expect(lines.map((line) => JSON.parse((JSON.parse(line) as { body: string }).body))).toMatchObject([
    { totalcount: 4, offset: 0 },
    { totalcount: 4, offset: 2 },
  ]);
});
