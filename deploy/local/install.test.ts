import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { installPackages, isInstalled } from "./install.mjs";

type Packages = Record<string, Record<string, unknown>>;

const vite = { version: "8.3.8", integrity: "sha512-a" };
const forHere = { version: "1.0.0", optional: true, os: [process.platform], cpu: [process.arch] };
const forElsewhere = { version: "1.0.0", optional: true, os: ["plan9"], cpu: ["pdp11"] };
const wanted: Packages = {
  "": { name: "project" },
  "node_modules/vite": vite,
  "node_modules/node-here": forHere,
  "node_modules/node-elsewhere": forElsewhere,
};

const project = (present: Packages | undefined): string => {
  const root = mkdtempSync(join(tmpdir(), "tagwire-install-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages: wanted }));
  if (present === undefined) return root;
  mkdirSync(join(root, "node_modules"));
  writeFileSync(join(root, "node_modules", ".package-lock.json"), JSON.stringify({ packages: present }));
  return root;
};

const whole: Packages = { "node_modules/vite": vite, "node_modules/node-here": forHere };

test("an install by hand counts, without the packages of other platforms", async () => {
  const root = project(whole);
  expect(isInstalled(root)).toBe(true);
  const said: string[] = [];
  await installPackages(root, (text) => said.push(text));
  expect(said).toEqual([]);
  expect(existsSync(join(root, ".tagwire"))).toBe(false);
});

test.each<[string, Packages | undefined]>([
  ["nothing is there", undefined],
  ["a package is missing", { "node_modules/node-here": forHere }],
  ["another version is there", { ...whole, "node_modules/vite": { ...vite, version: "8.3.7" } }],
  ["the same version has other bytes", { ...whole, "node_modules/vite": { ...vite, integrity: "sha512-b" } }],
  ["what this platform needs is missing", { "node_modules/vite": vite }],
])("an install is needed when %s", (_, present) => {
  expect(isInstalled(project(present))).toBe(false);
});

test("a changed lock asks for an install again", () => {
  const root = project(whole);
  expect(isInstalled(root)).toBe(true);
  const changed = { ...wanted, "node_modules/more": { version: "1.0.0" } };
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages: changed }));
  expect(isInstalled(root)).toBe(false);
});
