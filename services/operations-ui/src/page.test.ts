import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { beforeAll, expect, test, vi } from "vitest";

/** What a tablet on a warehouse network is asked to load before it can scan. */
const scriptBytesMax = 190 * 1024;
const styleBytesMax = 15 * 1024;
/** What any other screen may come to with all that it needs to be shown. */
const screenBytesMax = 260 * 1024;
const buildTimeoutMs = 60_000;

type Built = {
  readonly fileName: string;
  readonly text: string;
  /** Whether the page loads it at its start, and not only for a screen that somebody asks for. */
  readonly isFirst: boolean;
  /** What it cannot be without; what it fetches later is no part of it. */
  readonly needs: readonly string[];
};
let files: Built[] = [];

beforeAll(async () => {
  // The test runner says "test" here, for which React is built with its checks, three times as large.
  vi.stubEnv("NODE_ENV", "production");
  const root = resolve(import.meta.dirname, "..");
  const built = await build({
    root,
    configFile: resolve(root, "vite.config.ts"),
    logLevel: "error",
    build: { write: false },
  });
  vi.unstubAllEnvs();
  if (!("output" in built)) throw new Error("the build gave no files");
  const chunks = new Map(
    built.output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file] as const] : [])),
  );
  const first = new Set(
    [...chunks.values()].filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName),
  );
  // A set goes on with what is added while it is walked.
  for (const name of first) for (const needed of chunks.get(name)?.imports ?? []) first.add(needed);
  files = built.output.map((file) => ({
    fileName: file.fileName,
    text: file.type === "chunk" ? file.code : Buffer.from(file.source).toString(),
    // A script that is an asset is that of a worker, which somebody's press begins.
    isFirst: file.type === "asset" ? !file.fileName.endsWith(".js") : first.has(file.fileName),
    needs: file.type === "chunk" ? file.imports : [],
  }));
}, buildTimeoutMs);

const gzippedBytes = (ending: string): number =>
  files
    .filter(({ fileName, isFirst }) => isFirst && fileName.endsWith(ending))
    .reduce((sum, { text }) => sum + gzipSync(text).length, 0);
/** The scripts of a part of the page, and of what that needs. */
const scriptsOf = (name: string): Built[] => {
  const names = new Set(files.filter(({ isFirst }) => isFirst).map(({ fileName }) => fileName)).add(name);
  // A set goes on with what is added while it is walked.
  for (const each of names)
    for (const needed of files.find(({ fileName }) => fileName === each)?.needs ?? []) names.add(needed);
  return files.filter(({ fileName }) => names.has(fileName) && fileName.endsWith(".js"));
};
const page = (): string => files.find(({ fileName }) => fileName === "index.html")?.text ?? "";

test("the scripts of the page stay within the budget", () => {
  expect(gzippedBytes(".js")).toBeGreaterThan(0);
  expect(gzippedBytes(".js")).toBeLessThanOrEqual(scriptBytesMax);
});

test("so do its styles", () => {
  expect(gzippedBytes(".css")).toBeGreaterThan(0);
  expect(gzippedBytes(".css")).toBeLessThanOrEqual(styleBytesMax);
});

test("so do the scripts of every other screen, and none of them waits for what draws charts", () => {
  const screens = files.filter(({ fileName }) => /assets\/[\w-]+-screen-/.test(fileName));
  expect(screens.length).toBeGreaterThan(8);
  const isPlot = ({ text }: Built): boolean => text.includes("u-cursor-x");
  expect(files.filter(({ fileName }) => fileName.endsWith(".js")).filter(isPlot)).toHaveLength(1);
  for (const { fileName } of screens) {
    const scripts = scriptsOf(fileName);
    expect(scripts.some(isPlot), fileName).toBe(false);
    const bytes = scripts.reduce((sum, { text }) => sum + gzipSync(text).length, 0);
    expect(bytes, fileName).toBeLessThanOrEqual(screenBytesMax);
  }
});

test("the page loads nothing from elsewhere, and nothing inline that a strict policy would refuse", () => {
  expect(page()).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  expect(page()).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
  for (const { text } of files.filter(({ fileName }) => fileName.endsWith(".css"))) {
    expect(text).not.toMatch(/url\(\s*["']?(?:https?:)?\/\/|@import/);
  }
});

test("everything but the page itself and its worker carries a hash in its name", () => {
  const named = ["index.html", "service-worker.js"];
  for (const { fileName } of files.filter((file) => !named.includes(file.fileName))) {
    expect(fileName).toMatch(/^assets\/.+-[\w-]{8}\.\w+$/);
  }
});

test("the worker keeps every file of the page, and nothing that is not there", () => {
  const worker = files.find(({ fileName }) => fileName === "service-worker.js")?.text ?? "";
  const kept = [...new Set(worker.match(/\/assets\/[\w.-]+/g))].sort();
  const assets = files
    .map(({ fileName }) => `/${fileName}`)
    // What reads codes is kept once it was used.
    .filter((name) => name.startsWith("/assets/") && !name.endsWith(".wasm"));
  expect(kept).toEqual(assets.sort());
  // A screen may be called import; nothing may be imported.
  const code = worker.replaceAll(/\/assets\/[\w.-]+/g, "");
  expect(code).not.toMatch(/__SHELL_|\bimport\b|\bexport\b/);
});
