import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, expect, onTestFinished, test, vi } from "vitest";
import { startPostgres } from "./postgres.ts";
import { findPostgresBinaries } from "./postgres-binaries.ts";
import { choosePostgresIdentity } from "./postgres-identity.ts";

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

/** Closed to others, as mkdtemp makes folders and as the launcher makes its data folder. */
const folder = mkdtempSync(join(tmpdir(), "tagwire-postgres-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

/** A container's default: root, and the kernel does not let it have a user namespace. */
const forbidNamespaces = (): void => {
  const programs = join(folder, "programs");
  mkdirSync(programs, { recursive: true });
  writeFileSync(
    join(programs, "unshare"),
    "#!/bin/sh\necho 'unshare: unshare failed: Operation not permitted' >&2\nexit 1\n",
  );
  chmodSync(join(programs, "unshare"), 0o755);
  vi.stubEnv("PATH", `${programs}${delimiter}${process.env.PATH}`);
};

const start = async (dir: string) => {
  const server = await startPostgres({ dir, durable: false });
  onTestFinished(server.stop);
  return server;
};

test.runIf(isRoot)(
  "root without user namespaces runs Postgres as nobody, in a folder that is closed to others",
  async () => {
    forbidNamespaces();
    const data = mkdtempSync(join(folder, "data-"));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    chmodSync(folder, 0o711);
    expect((await choosePostgresIdentity(findPostgresBinaries())).prefix).toContain("setpriv");

    const first = await start(join(data, "postgres"));
    expect(statSync(`/proc/${first.pid}`).uid).toBe(nobody);
    expect(statSync(data).mode & 0o777).toBe(0o701);
    expect(statSync(join(data, "postgres.password")).mode & 0o777).toBe(0o600);
    await first.stop();

    const second = await start(join(data, "postgres"));
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
    await second.stop();

    // The same data on a machine that has namespaces after all.
    vi.unstubAllEnvs();
    const third = await start(join(data, "postgres"));
    expect(new URL(third.url).password).toBe(new URL(first.url).password);
  },
  60_000,
);

test.runIf(isRoot)("a folder above that keeps nobody out is named, and left as it is", async () => {
  forbidNamespaces();
  const closed = join(folder, "closed");
  mkdirSync(join(closed, "data"), { recursive: true });
  chmodSync(closed, 0o700);
  await expect(start(join(closed, "data", "postgres"))).rejects.toMatchObject({
    code: "embedded.program_failed",
    message: expect.stringContaining(`chmod o+x ${closed}`),
  });
  expect(statSync(closed).mode & 0o777).toBe(0o700);
});
