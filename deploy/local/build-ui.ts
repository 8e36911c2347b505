import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { startChild, withParentDeathSignal } from "@tagwire/embedded";
import { tryLock } from "./process-lock.mjs";
import { uiFolderOf } from "./services.ts";

const buildTimeoutMs = 180_000;
const pollMs = 100;
const shownLinesMax = 30;

/** The operations UI could not be built; the message ends with what the build said last. */
export class BuildError extends Error {}

const isSource = (path: string): boolean => !/\.test\.tsx?$/.test(path);

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ["dist", "node_modules"].includes(entry.name) ? [] : filesBelow(path);
    return entry.isFile() && isSource(path) ? [path] : [];
  });

/** What the page is built of besides its own sources. */
const libsOfUi = ["messages", "epc", "reader-lines"] as const;

/** Changes when anything does that the built UI is made of: its sources, the libs it has a part of, its packages. */
const fingerprint = (root: string): string => {
  const files = [
    ...filesBelow(uiFolderOf(root)),
    ...libsOfUi.flatMap((lib) => filesBelow(join(root, "libs", lib, "src"))),
    join(root, "package-lock.json"),
  ];
  const hash = createHash("sha256");
  for (const file of files.sort())
    hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
};

const markerOf = (root: string): string => join(uiFolderOf(root), "dist", ".built-from");

const isBuiltFrom = (root: string, hash: string): boolean =>
  existsSync(markerOf(root)) && readFileSync(markerOf(root), "utf8") === hash;

const runVite = async (root: string): Promise<void> => {
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  // A process of its own: the bundler's memory goes back when it ends, while the launcher lives for days.
  const child = await startChild({
    command: withParentDeathSignal("KILL", [process.execPath, vite, "build", "--logLevel", "warn"]),
    cwd: uiFolderOf(root),
    env: { ...process.env, NODE_ENV: "production", NO_COLOR: "1" },
    stopPlan: [],
  });
  const timer = setTimeout(() => void child.stop(), buildTimeoutMs);
  const code = await child.exited;
  clearTimeout(timer);
  if (code === 0) return;
  const reason = code === null ? `did not end within ${buildTimeoutMs / 1000} s` : "failed";
  throw new BuildError(
    `Building the UI ${reason}:\n  ${child.recentLines().slice(-shownLinesMax).join("\n  ")}`,
  );
};

/**
 * Builds the operations UI into its `dist` folder, unless that was built from these very sources. Two builds at once
 * take turns. Returns whether it had to build.
 *
 * Throws `BuildError`.
 */
export const buildUi = async (
  root: string,
  note: (text: string) => void = () => undefined,
): Promise<boolean> => {
  if (!existsSync(join(uiFolderOf(root), "index.html"))) {
    throw new BuildError(`The sources of the UI are not in ${uiFolderOf(root)} (index.html is missing).`);
  }
  const lockFile = join(root, ".tagwire", "build-ui.lock");
  for (;;) {
    const hash = fingerprint(root);
    if (isBuiltFrom(root, hash)) return false;
    const lock = tryLock(lockFile);
    if (lock.held) {
      try {
        if (isBuiltFrom(root, hash)) return false;
        note("building the UI");
        rmSync(markerOf(root), { force: true });
        await runVite(root);
        // The marker comes last: a build that is cut short is done again.
        writeFileSync(markerOf(root), hash);
        return true;
      } finally {
        lock.release();
      }
    }
    note(`waiting for process ${lock.holder.pid}, which is building the UI`);
    await wait(pollMs);
  }
};
