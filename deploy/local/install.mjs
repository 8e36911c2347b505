/** Brings node_modules to what package-lock.json says. Plain JavaScript: it runs before anything is installed. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { tied, watchParents } from "./parents.mjs";
import { tryLock } from "./process-lock.mjs";

const progressIntervalMs = 5_000;
const pollMs = 250;
const retryDelayMs = 2_000;
/** npm says the reason first and, after a long list of options, where its log is. */
const keptLinesMax = 15;

const secondsSince = (startedAtMs) => `${Math.round((performance.now() - startedAtMs) / 1000)} s`;

const hashOf = (root) =>
  createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .update(`${process.platform}-${process.arch}`)
    .digest("hex");

const markerOf = (root) => join(root, "node_modules", ".tagwire-lock");

const readJson = (file) => {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
};

const asList = (value) => (value === undefined ? [] : [value].flat());

/** Optional packages of other platforms are left out by npm; those that name this one must be there. */
const isForHere = ({ os, cpu, libc }) =>
  asList(os).includes(process.platform) &&
  asList(cpu).includes(process.arch) &&
  (libc === undefined || asList(libc).includes("glibc"));

/** npm's own record of what it installed, against the lock: an `npm ci` by hand is as good as ours. */
const agreesWithLock = (root) => {
  const wanted = readJson(join(root, "package-lock.json"))?.packages;
  const present = readJson(join(root, "node_modules", ".package-lock.json"))?.packages;
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true;
    const found = present[path];
    if (found === undefined) return entry.optional === true && !isForHere(entry);
    return found.version === entry.version && found.integrity === entry.integrity;
  });
};

/** True when what is installed is what the lock says for this platform. */
export const isInstalled = (root) => {
  if (!existsSync(join(root, "node_modules", ".package-lock.json"))) return false;
  const hash = hashOf(root);
  if (existsSync(markerOf(root)) && readFileSync(markerOf(root), "utf8") === hash) return true;
  if (!agreesWithLock(root)) return false;
  writeFileSync(markerOf(root), hash);
  return true;
};

/** npm names itself to the scripts it runs; other package managers do so too and would not read our lock. */
const npmCommand = () => {
  const named = process.env.npm_execpath ?? "";
  return /npm-cli\.c?js$/.test(named) ? [process.execPath, named] : ["npm"];
};

const runNpmCi = (root) =>
  new Promise((resolve) => {
    const include = ["--include=dev", "--include=optional"];
    const command = [...npmCommand(), "ci", "--no-audit", "--no-fund", ...include];
    // An orphaned npm would go on changing the very folder that the next one works in.
    const [program, ...args] = tied("KILL", command);
    const child = spawn(program, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const lines = [];
    const keep = (text) => {
      lines.push(
        ...String(text)
          .split("\n")
          .filter((line) => line.trim() !== ""),
      );
      lines.splice(0, Math.max(0, lines.length - keptLinesMax));
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const stop = (signal) => child.kill(signal);
    process.on("SIGINT", stop).on("SIGTERM", stop);
    const unwatch = watchParents(() => child.kill("SIGKILL"));
    const finish = (code, problem) => {
      unwatch();
      process.off("SIGINT", stop).off("SIGTERM", stop);
      resolve({ code, lines: problem === undefined ? lines : [...lines, problem] });
    };
    child.once("error", (error) => finish(1, `npm does not start: ${error.message}`));
    child.once("close", (code, signal) => finish(code ?? 1, signal === null ? undefined : `npm: ${signal}`));
  });

const installUnderLock = async (root, say) => {
  if (isInstalled(root)) return;
  const startedAtMs = performance.now();
  say("installing packages (about half a minute the first time)");
  const timer = setInterval(
    () => say(`installing packages, ${secondsSince(startedAtMs)}`),
    progressIntervalMs,
  );
  let { code, lines } = await runNpmCi(root);
  // Install scripts of an npm that was killed may live a moment longer and put files into folders being removed.
  if (code !== 0 && lines.some((line) => line.includes("ENOTEMPTY"))) {
    await wait(retryDelayMs);
    ({ code, lines } = await runNpmCi(root));
  }
  clearInterval(timer);
  if (code !== 0) throw new Error(`npm ci failed (exit code ${code}):\n  ${lines.join("\n  ")}`);
  writeFileSync(markerOf(root), hashOf(root));
  say(`✓ packages installed (${secondsSince(startedAtMs)})`);
};

/**
 * Installs when the installed packages differ from the lock. A second call at the same time, from another process,
 * waits for the first. Throws with npm's last lines when npm fails.
 */
export const installPackages = async (root, say) => {
  if (isInstalled(root)) return;
  // Not in node_modules: `npm ci` starts by deleting that.
  const file = join(root, ".tagwire", "install.lock");
  const startedAtMs = performance.now();
  let spokenAtMs = Number.NEGATIVE_INFINITY;
  for (;;) {
    const lock = tryLock(file);
    if (lock.held) {
      try {
        return await installUnderLock(root, say);
      } finally {
        lock.release();
      }
    }
    if (performance.now() - spokenAtMs >= progressIntervalMs) {
      spokenAtMs = performance.now();
      say(
        `waiting for process ${lock.holder.pid}, which is installing packages, ${secondsSince(startedAtMs)}`,
      );
    }
    await wait(pollMs);
  }
};
