import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startS3Bucket } from "@tagwire/emulators";
import { expect, test } from "vitest";
import { openBucket } from "./bucket.ts";
import { layPublicKey } from "./public-key.ts";
import { openSigningKey } from "./signing-key.ts";
import { archiveRun, letRunGo } from "./test-archive.ts";
import { verifyArchive } from "./verify.ts";

const lockedDays = 30;
const dayMs = 86_400_000;

const openBucketArchive = async () => {
  const stack = new AsyncDisposableStack();
  const bucket = stack.adopt(await startS3Bucket(), (one) => one.stop());
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), "tagwire-bucket-")), (made) =>
    rm(made, { recursive: true, force: true }),
  );
  const place = openBucket({ ...bucket, lock: "COMPLIANCE", lockedDays });
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

test("whoever has another key of the account is told that the bucket refuses it", async () => {
  await using archive = await openBucketArchive();
  const stranger = openBucket({
    ...archive.bucket,
    ...{ secretAccessKey: "another", lock: "COMPLIANCE", lockedDays },
  });
  await expect(stranger.has("public-key.pem")).rejects.toThrow("403");
  await expect(verifyArchive(stranger)).rejects.toThrow("403 SignatureDoesNotMatch");
});
