import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startS3Bucket } from "@tagwire/emulators";
import { AwsClient } from "aws4fetch";
import { expect, test } from "vitest";
import { openBucket } from "./bucket.ts";
import { layPublicKey } from "./public-key.ts";
import { openSigningKey } from "./signing-key.ts";
import { archiveRun, letRunGo } from "./test-archive.ts";
import { verifyArchive } from "./verify.ts";

const lockedDays = 30;
const dayMs = 86_400_000;

const openBucketArchive = async (
  lock: "COMPLIANCE" | "GOVERNANCE" = "COMPLIANCE",
  now: () => number = Date.now,
) => {
  const stack = new AsyncDisposableStack();
  const bucket = stack.adopt(await startS3Bucket("archive", now), (one) => one.stop());
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), "tagwire-bucket-")), (made) =>
    rm(made, { recursive: true, force: true }),
  );
  const place = openBucket({ ...bucket, lock, lockedDays });
  const key = await openSigningKey(join(folder, "key.pem"));
  await layPublicKey(place, key);
  const first = await archiveRun(place, key, { site: "north", number: 1, previous: null });
  const second = await archiveRun(place, key, { site: "north", number: 2, previous: first.sha256 });
  const proof = {
    publicKey: key.publicKey,
    expectedHeads: [{ site: "north", number: 2, manifest: second.sha256 }],
  };
  return {
    ...{ bucket, folder, place, key, first, second, proof },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};

test("an archive in a bucket is whole, page by page, and each of its files is locked from its first moment", async () => {
  await using archive = await openBucketArchive();
  const { bucket, place, proof } = archive;
  expect(await verifyArchive(place, proof)).toMatchObject({ manifests: 2, files: 7, faults: [] });
  for await (const { path } of place.list()) {
    const [version, ...more] = bucket.versions(path);
    expect(more, path).toEqual([]);
    expect(version?.lock, path).toBe("COMPLIANCE");
    const lockedMs = Date.parse(version?.lockedUntil ?? "") - Date.now();
    expect(Math.round(lockedMs / dayMs), path).toBe(lockedDays);
  }
});

test("what is in a bucket is not written over, and what somebody with its keys wrote over is found, and is there still", async () => {
  await using archive = await openBucketArchive();
  const { bucket, folder, place, first, proof } = archive;
  const path = `${first.folder}/${first.manifest.files[0]?.name}`;
  const file = join(folder, "another");
  await writeFile(file, "another");
  await expect(place.put(path, file)).rejects.toThrow("is in the archive already");
  bucket.overwrite(path, Buffer.from("another"));
  expect((await verifyArchive(place, proof)).faults).toMatchObject([{ code: "changed", path }]);
  expect(bucket.versions(path)[0]?.lock).toBe("COMPLIANCE");
});

test("a file whose answer is lost on the way is written once: it is there, locked, and one version of it", async () => {
  await using archive = await openBucketArchive();
  const { bucket, folder, place, first, proof } = archive;
  const file = join(folder, "late");
  await writeFile(file, "late");
  bucket.loseNextAnswer();
  await place.put("late", file);
  expect(bucket.versions("late")).toMatchObject([{ body: Buffer.from("late"), lock: "COMPLIANCE" }]);
  await place.remove("late");
  // The same of a file that another process has brought there meanwhile.
  const path = `${first.folder}/${first.manifest.files[0]?.name}`;
  await writeFile(file, bucket.versions(path)[0]?.body ?? "");
  await place.put(path, file);
  expect(bucket.versions(path)).toHaveLength(1);
  expect((await verifyArchive(place, proof)).faults).toEqual([]);
});

test("a bucket that is taken away, cut short or let go is told apart", async () => {
  await using archive = await openBucketArchive();
  const { place, key, first, second, proof } = archive;
  await letRunGo(place, key, first);
  expect((await verifyArchive(place, proof)).faults).toEqual([]);
  await place.remove(`${second.folder}/manifest.json`);
  expect((await verifyArchive(place, proof)).faults).toMatchObject([
    { code: "missing", path: `${second.folder}/manifest.json` },
    { code: "rolled_back", path: "rfidpro/north" },
  ]);
});

test.each([
  { lock: "COMPLIANCE", liftedBy: "nobody at all" },
  { lock: "GOVERNANCE", liftedBy: "whoever says that they lift it" },
] as const)("a lock of $lock holds until it has run out, and is lifted by $liftedBy", async ({ lock }) => {
  let nowMs = Date.now();
  await using archive = await openBucketArchive(lock, () => nowMs);
  const { bucket, place, first, proof } = archive;
  const whoever = new AwsClient({ ...bucket, service: "s3" });
  const at = (path: string, query = "") =>
    `${bucket.endpoint}/${bucket.bucket}/${path}?versionId=${bucket.versions(path)[0]?.id}${query}`;
  const lifting = { "x-amz-bypass-governance-retention": "true" };
  const takeAway = async (path: string, headers = {}) =>
    (await whoever.fetch(at(path), { method: "DELETE", headers })).status;
  const retain = async (path: string, days: number, headers = {}) => {
    const until = new Date(nowMs + days * dayMs).toISOString();
    const body = `<Retention><Mode>${lock}</Mode><RetainUntilDate>${until}</RetainUntilDate></Retention>`;
    return (await whoever.fetch(at(path, "&retention="), { method: "PUT", body, headers })).status;
  };
  const [file = "", other = ""] = first.manifest.files.map(({ name }) => `${first.folder}/${name}`);
  const seal = `${first.folder}/manifest.json`;
  for (const path of ["public-key.pem", file, other, seal]) {
    expect([await takeAway(path), await retain(path, 1)], path).toEqual([403, 403]);
    expect(await retain(path, lockedDays + 1), path).toBe(200);
  }
  // The mark of deletion is no version that was taken away: what was written is beneath.
  await place.remove(seal);
  expect(bucket.versions(seal)[0]?.lock).toBe(lock);
  expect((await verifyArchive(place, proof)).faults).toContainEqual(
    expect.objectContaining({ code: "missing", path: seal }),
  );
  const byLifting = lock === "COMPLIANCE" ? [403, 403] : [200, 204];
  expect([await retain(file, 1, lifting), await takeAway(file, lifting)]).toEqual(byLifting);
  nowMs += (lockedDays + 2) * dayMs;
  expect(await takeAway(other)).toBe(204);
  expect(bucket.versions(other)).toEqual([]);
});

test("an archive that moves to another place with another key is whole there once all of it was copied and both keys lie beside it", async () => {
  await using archive = await openBucketArchive();
  await using moved = { bucket: await startS3Bucket(), [Symbol.asyncDispose]: () => moved.bucket.stop() };
  const { place, folder, key, second } = archive;
  const to = openBucket({ ...moved.bucket, lock: "COMPLIANCE", lockedDays });
  const newer = await openSigningKey(join(folder, "newer.pem"));
  const lay = async (path: string, content: Buffer | string) => {
    await writeFile(join(folder, "draft"), content);
    await to.put(path, join(folder, "draft"));
  };
  // The runs before it and the key that signed them are in the other place alone.
  const bothKeys = key.publicKey + newer.publicKey;
  await lay("public-key.pem", bothKeys);
  await layPublicKey(to, newer);
  const third = await archiveRun(to, newer, { site: "north", number: 3, previous: second.sha256 });
  const proof = {
    publicKey: bothKeys,
    expectedHeads: [{ site: "north", number: 3, manifest: third.sha256 }],
  };
  const codes = async () => (await verifyArchive(to, proof)).faults.map(({ code }) => code);
  expect(await codes()).toEqual(["missing", "missing"]);
  for await (const { path } of place.list("rfidpro"))
    await lay(path, archive.bucket.versions(path)[0]?.body ?? "");
  expect(await codes()).toEqual([]);
});

test("what lies in one folder is listed alone, page by page", async () => {
  await using archive = await openBucketArchive();
  const { place, first } = archive;
  const folder = first.folder.split("/").slice(0, 2).join("/");
  const listed = async (of: string) => {
    const paths: string[] = [];
    for await (const { path } of place.list(of)) paths.push(path);
    return paths.length;
  };
  expect([await listed(folder), await listed(first.folder), await listed(`${folder}x`)]).toEqual([6, 3, 0]);
});

test("whoever has another key of the account is told that the bucket refuses it", async () => {
  await using archive = await openBucketArchive();
  const stranger = openBucket({
    ...archive.bucket,
    ...{ secretAccessKey: "another", lock: "COMPLIANCE", lockedDays },
  });
  await expect(stranger.has("public-key.pem")).rejects.toThrow("403");
  await expect(verifyArchive(stranger)).rejects.toThrow("403 SignatureDoesNotMatch");
});
