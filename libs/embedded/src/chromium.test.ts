import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findChromium } from "./chromium.ts";

const folderWith = (...names: string[]): string => {
  const folder = mkdtempSync(join(tmpdir(), "tagwire-browser-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of names) {
    writeFileSync(join(folder, name), "#!/bin/sh\n");
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
};

const bundled = () => Promise.resolve("/bundled/chromium");

test("the browser that is named wins", async () => {
  const folder = folderWith("chromium", "mine");
  expect(await findChromium({ PATH: folder, CHROMIUM_BIN: join(folder, "mine") }, bundled)).toBe(
    join(folder, "mine"),
  );
});

test("a named browser that cannot be run is an error, not a reason to take another", async () => {
  const folder = folderWith("chromium");
  await expect(
    findChromium({ PATH: folder, CHROMIUM_BIN: join(folder, "gone") }, bundled),
  ).rejects.toMatchObject({
    code: "embedded.browser_missing",
  });
});

test("an installed browser comes before the bundled one", async () => {
  const folder = folderWith("google-chrome");
  expect(await findChromium({ PATH: folder }, bundled)).toBe(join(folder, "google-chrome"));
  expect(await findChromium({ PATH: folderWith() }, bundled)).toBe("/bundled/chromium");
});

test("without any browser the error says what to install", async () => {
  await expect(findChromium({ PATH: folderWith() })).rejects.toThrow(/Install chromium/);
});
