import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runCommand } from "./command.ts";
import { findNatsServer } from "./find-nats-server.ts";
import { freePort } from "./free-port.ts";
import { downloadRelease, type Release } from "./release-download.ts";

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

/** A search that sees nothing of this machine but what it is given. */
const search = (env: NodeJS.ProcessEnv, cacheDir = folder(), release?: Release) =>
  findNatsServer({
    cacheDir,
    env: { PATH: "", ...env },
    serverFolders: [],
    ...(release === undefined ? {} : { release }),
  });

test("the named server is used when it is new enough", async () => {
  const path = claiming(folder(), "2.12.7");
  const server = await search({ NATS_SERVER_BIN: path });
  expect(server).toEqual({ path, version: "2.12.7", source: "NATS_SERVER_BIN" });
});

test.each([
  ["2.12.6", /2\.12\.6, older than 2\.12\.7.*authorization/s],
  ["nonsense", /does not run/],
])("a named server of version %s is refused with the reason", async (version, reason) => {
  const path = claiming(folder(), version);
  await expect(search({ NATS_SERVER_BIN: path })).rejects.toMatchObject({
    code: "embedded.nats_version",
    message: expect.stringMatching(reason),
  });
});

test("an old server on PATH is passed over for the cached one, and PATH wins when it is new", async () => {
  const [old, recent, cacheDir] = [folder(), folder(), folder()];
  claiming(old, "2.10.27");
  const cached = claiming(cacheDir, "2.12.15");
  expect(await search({ PATH: old }, cacheDir)).toMatchObject({
    path: cached,
    source: "cache",
  });
  const path = claiming(recent, "2.99.0");
  expect(await search({ PATH: `${old}:${recent}` }, cacheDir)).toMatchObject({
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

const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;

/** An archive as upstream makes them, with a program that claims version 9.9.9, and the release that names it. */
const releaseOf = async (program: string): Promise<{ body: Buffer; release: Release; name: string }> => {
  const [source, name] = [folder(), `nats-server-v9.9.9-${platform}`];
  mkdirSync(join(source, name));
  writeFileSync(join(source, name, "nats-server"), program, { mode: 0o755 });
  await runCommand("tar", ["-czf", join(source, "x.tar.gz"), "-C", source, name]);
  const body = readFileSync(join(source, "x.tar.gz"));
  const sha256 = new Map([[platform, createHash("sha256").update(body).digest("hex")]]);
  return { body, release: { version: "9.9.9", sha256 }, name };
};

test("a release with the right checksum is unpacked", async () => {
  const work = folder();
  const { body, release, name } = await releaseOf("#!/bin/sh\n");
  const released = await downloadRelease(work, await serve(body), release);
  expect(released).toEqual({ binary: join(work, name, "nats-server") });
});

test("what is fetched is tried and kept below the cache, since nothing may run from the folder for temporary files", async () => {
  const cacheDir = folder();
  mkdirSync(join(cacheDir, "fetch-999999999-left"));
  const program = `#!/bin/sh\ncase "$0" in ${cacheDir}/*) echo "nats-server: v9.9.9";; *) exit 126;; esac\n`;
  const { body, release } = await releaseOf(program);
  const env = { TAGWIRE_NATS_RELEASE_URL: await serve(body) };
  const path = join(cacheDir, "nats-server");
  expect(await search(env, cacheDir, release)).toEqual({
    path,
    version: "9.9.9",
    source: "the upstream release",
  });
  expect(readdirSync(cacheDir)).toEqual(["nats-server"]);
  expect(await search({}, cacheDir)).toMatchObject({ path, source: "cache" });
});

test("when every way fails, what was tried and what to install is said", async () => {
  const old = folder();
  claiming(old, "2.10.27");
  const env = { PATH: old, TAGWIRE_NATS_RELEASE_URL: `http://127.0.0.1:${await freePort()}` };
  await expect(search(env)).rejects.toMatchObject({
    code: "embedded.nats_missing",
    message: expect.stringMatching(
      /Install one.*NATS_SERVER_BIN.*NATS_URL.*2\.10\.27, older.*no apt-get.*the download failed/s,
    ),
  });
});

test("an unreachable release is a reason, not a crash", async () => {
  const base = `http://127.0.0.1:${await freePort()}`;
  expect(await downloadRelease(folder(), base)).toMatch(/the download failed/);
});
