import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runCommand } from "./command.ts";
import { findNatsServer } from "./find-nats-server.ts";
import { freePort } from "./free-port.ts";
import { downloadRelease } from "./release-download.ts";

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "tagwire-find-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
};

/** A program that claims a version, which is all that the search looks at. */
const claiming = (dir: string, version: string, name = "nats-server"): string => {
  const path = join(dir, name);
  writeFileSync(path, `#!/bin/sh\necho "nats-server: v${version}"\n`);
  chmodSync(path, 0o755);
  return path;
};

test("the named server is used when it is new enough", async () => {
  const path = claiming(folder(), "2.12.7");
  const server = await findNatsServer({ cacheDir: folder(), env: { PATH: "", NATS_SERVER_BIN: path } });
  expect(server).toEqual({ path, version: "2.12.7", source: "NATS_SERVER_BIN" });
});

test.each([
  ["2.12.6", /2\.12\.6, older than 2\.12\.7.*authorization/s],
  ["nonsense", /does not run/],
])("a named server of version %s is refused with the reason", async (version, reason) => {
  const path = claiming(folder(), version);
  const search = findNatsServer({ cacheDir: folder(), env: { PATH: "", NATS_SERVER_BIN: path } });
  await expect(search).rejects.toMatchObject({
    code: "embedded.nats_version",
    message: expect.stringMatching(reason),
  });
});

test("an old server on PATH is passed over for the cached one, and PATH wins when it is new", async () => {
  const [old, recent, cacheDir] = [folder(), folder(), folder()];
  claiming(old, "2.10.27");
  const cached = claiming(cacheDir, "2.12.15");
  expect(await findNatsServer({ cacheDir, env: { PATH: old } })).toMatchObject({
    path: cached,
    source: "cache",
  });
  const path = claiming(recent, "2.99.0");
  expect(await findNatsServer({ cacheDir, env: { PATH: `${old}:${recent}` } })).toMatchObject({
    path,
    source: "PATH",
  });
});

const serve = async (body: Buffer): Promise<string> => {
  const server = createServer((_, response) => response.end(body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}/`;
};

test("a release with another checksum is thrown away loudly", async () => {
  const work = folder();
  await expect(downloadRelease(work, await serve(Buffer.from("not it")))).rejects.toMatchObject({
    code: "embedded.checksum",
  });
  expect(existsSync(join(work, "release.tar.gz"))).toBe(false);
});

test("a release with the right checksum is unpacked", async () => {
  const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  const [source, work, name] = [folder(), folder(), `nats-server-v9.9.9-${platform}`];
  mkdirSync(join(source, name));
  claiming(join(source, name), "9.9.9");
  await runCommand("tar", ["-czf", join(source, "x.tar.gz"), "-C", source, name]);
  const body = readFileSync(join(source, "x.tar.gz"));
  const sha256 = new Map([[platform, createHash("sha256").update(body).digest("hex")]]);
  const released = await downloadRelease(work, await serve(body), { version: "9.9.9", sha256 });
  expect(released).toEqual({ binary: join(work, name, "nats-server") });
});

test("an unreachable release is a reason, not a crash", async () => {
  const base = `http://127.0.0.1:${await freePort()}`;
  expect(await downloadRelease(folder(), base)).toMatch(/the download failed/);
});
