import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findProgram } from "./find-program.ts";

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "tagwire-program-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
};

/** A program that ends with `code` whatever it is asked. */
const program = (dir: string, code: number): string => {
  const path = join(dir, "checker");
  writeFileSync(path, `#!/bin/sh\nexit ${code}\n`);
  chmodSync(path, 0o755);
  return path;
};

const search = (path: string, cacheDir = folder()) =>
  findProgram({ name: "checker", proof: ["--version"], cacheDir, env: { PATH: path } });

test("the first program on PATH that runs is taken, then the one that was fetched before", async () => {
  const [broken, whole, cacheDir] = [folder(), folder(), folder()];
  program(broken, 1);
  const path = program(whole, 0);
  const cached = program(cacheDir, 0);
  expect(await search(`${broken}:${whole}`, cacheDir)).toBe(path);
  expect(await search(broken, cacheDir)).toBe(cached);
});

test("where there is none, what was tried is said, and nothing stays behind", async () => {
  const broken = folder();
  const path = program(broken, 1);
  await expect(search(broken)).rejects.toMatchObject({
    code: "embedded.program_missing",
    message: expect.stringMatching(new RegExp(`No checker.*${path}: it does not run.*no apt-get`, "s")),
  });
});
