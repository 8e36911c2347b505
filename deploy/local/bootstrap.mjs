#!/usr/bin/env node
/**
 * The first thing that runs: with Node 20 and nothing installed. It installs what is missing and hands over to the
 * Node 24 that came with the packages.
 *
 *   node deploy/local/bootstrap.mjs start | test | fuzz | bench | check | format | images-verify | rules | doctor | tail | audit |
 *     verify-log | rebuild | replay | rfidpro  [options…]
 *
 * It is `npx tagwire` as well.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { installPackages } from "./install.mjs";
import { tied, watchParents } from "./parents.mjs";
import { isHelpWanted, usage } from "./usage.mjs";

const nodeMajorMin = 24;
const root = resolve(fileURLToPath(import.meta.url), "../../..");
const bin = (name) => join(root, "node_modules", ".bin", name);

/** Each command is a row of programs; `node` stands for Node 24. A row goes on after a failure and remembers it. */
const commands = {
  // The launcher waits and hands lines on: what it lets go of is cleaned away at once, so that it stays small for as long as it runs.
  start: (args) => [["node", "--max-semi-space-size=1", join(root, "deploy/local/launch.ts"), ...args]],
  test: (args) => [["node", join(root, "deploy/local/test.ts"), ...args]],
  fuzz: (args) => [["node", join(root, "deploy/local/fuzz.ts"), ...args]],
  bench: (args) => [["node", join(root, "deploy/bench/bench.ts"), ...args]],
  check: (args) => [
    [bin("biome"), "check", ...args],
    [bin("tsc"), "--noEmit", "-p", join(root, "tsconfig.json")],
  ],
  doctor: (args) => [["node", join(root, "deploy/local/doctor.ts"), ...args]],
  tail: (args) => [["node", join(root, "deploy/local/tail.ts"), ...args]],
  rebuild: (args) => [["node", join(root, "deploy/local/rebuild.ts"), ...args]],
  replay: (args) => [["node", join(root, "deploy/local/replay.ts"), ...args]],
  audit: (args) => [["node", join(root, "deploy/local/audit.ts"), ...args]],
  "verify-log": (args) => [["node", join(root, "deploy/local/verify-log.ts"), ...args]],
  rfidpro: (args) => [["node", join(root, "deploy/local/rfidpro.ts"), ...args]],
  rules: () => [["node", join(root, "deploy/prometheus/write-rules.ts")]],
  "images-verify": (args) => [["node", join(root, "deploy/cluster/images-verify.ts"), ...args]],
  format: (args) => [[bin("biome"), "check", "--write", ...args]],
};

const say = (text) => process.stdout.write(`${text}\n`);

const refuse = (text) => {
  process.stderr.write(`✗ ${text}\n`);
  process.exit(1);
};

const isGlibc = () => process.report.getReport().header.glibcVersionRuntime !== undefined;

/** True where Node 24 comes with the packages. */
const isNodeIncluded = () =>
  process.platform === "linux" && ["x64", "arm64"].includes(process.arch) && isGlibc();

const ownMajor = Number(process.versions.node.split(".")[0]);

const requirePlatform = () => {
  if (isNodeIncluded() || ownMajor >= nodeMajorMin) return;
  const here = `${process.platform} ${process.arch}`;
  refuse(
    `On ${here} Node ${nodeMajorMin} or newer must be installed; this is Node ${process.versions.node}.`,
  );
};

const findNode = () => {
  const included = join(root, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
  if (isNodeIncluded() && existsSync(included)) return included;
  if (ownMajor >= nodeMajorMin) return process.execPath;
  return refuse(
    `Node ${nodeMajorMin} did not come with the packages (${included}). Run "npm ci --include=optional", ` +
      `or use Node ${nodeMajorMin} or newer.`,
  );
};

const exitCodeOf = (code, signal) => code ?? 128 + (constants.signals[signal] ?? 0);

/** Runs one program with our terminal, passes signals on, and stops it when whoever started us is gone. */
const run = (words, env) =>
  new Promise((resolveRun) => {
    const [program, ...args] = tied("TERM", words);
    const child = spawn(program, args, { cwd: root, env, stdio: "inherit" });
    const pass = (signal) => child.kill(signal);
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) process.on(signal, pass);
    const unwatch = watchParents(() => child.kill("SIGTERM"));
    const finish = (code) => {
      unwatch();
      for (const signal of signals) process.off(signal, pass);
      resolveRun(code);
    };
    child.once("error", (error) => {
      process.stderr.write(`✗ ${words[0]} does not start: ${error.message}\n`);
      finish(1);
    });
    child.once("exit", (code, signal) => finish(exitCodeOf(code, signal)));
  });

const [name = "", ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (isHelpWanted([name])) {
  say(
    `npx tagwire COMMAND [options]\nCommands: ${Object.keys(commands).join(", ")}\nWhat each takes: npx tagwire COMMAND --help`,
  );
  process.exit(0);
}
if (command === undefined) refuse(`Say one of: ${Object.keys(commands).join(", ")}.`);
if (name === "start" && isHelpWanted(args)) {
  say(usage);
  process.exit(0);
}
requirePlatform();
try {
  await installPackages(root, say);
} catch (error) {
  refuse(error.message);
}
const node = findNode();
const path = [resolve(node, ".."), join(root, "node_modules", ".bin"), process.env.PATH ?? ""].join(
  delimiter,
);
// Programs run in the project, and paths are meant from where the person is.
const cwd = process.env.INIT_CWD ?? process.cwd();
let exitCode = 0;
for (const [program, ...rest] of command(args)) {
  const code = await run([program === "node" ? node : program, ...rest], {
    ...process.env,
    PATH: path,
    INIT_CWD: cwd,
  });
  exitCode = exitCode === 0 ? code : exitCode;
  if (code > 128) break; // A signal is meant for the whole row.
}
process.exit(exitCode);
