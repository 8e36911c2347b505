/** `npm start`: the whole of Tagwire on this machine, from nothing. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { EmbeddedFailure } from "@tagwire/embedded";
import { BuildError } from "./build-ui.ts";
import { ServerCheckError } from "./conversation.ts";
import { DataFolderError, openDataFolder } from "./data-folder.ts";
import { Halt, Halted } from "./halt.ts";
import { readOptions, UsageError } from "./options.ts";
import { openProgress } from "./progress.ts";
import { checkPort } from "./server-check.ts";
import { ServiceStartError } from "./service-process.ts";
import { missingSources } from "./services.ts";
import { System } from "./system.ts";
import { isHelpWanted, usage } from "./usage.mjs";

/** Mistakes and misfortunes whose message says all there is to say; anything else is ours and shows its stack. */
const explained = [
  UsageError,
  DataFolderError,
  ServerCheckError,
  ServiceStartError,
  BuildError,
  EmbeddedFailure,
];

const root = resolve(import.meta.dirname, "../..");
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const explain = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return explained.some((kind) => error instanceof kind) ? error.message : (error.stack ?? error.message);
};

/** A terminal sends Ctrl-C to every process of the group and a person may press it twice; the first counts. */
const listenForStop = (): Halt => {
  const halt = new Halt();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => halt.now());
  for (const mistake of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(mistake, (error) => {
      process.stderr.write(`✗ ${explain(error)}\n`);
      process.exitCode = 1;
      halt.now();
    });
  }
  return halt;
};

const untilStopped = (stop: Halt): Promise<void> =>
  stop.unless(new Promise<never>(() => undefined)).catch(() => undefined);

const launch = async (): Promise<void> => {
  const args = process.argv.slice(2);
  if (isHelpWanted(args)) return say(usage);
  // npm runs scripts in the project's folder; a relative --data means the folder the person is in.
  const options = readOptions(args, process.env, { cwd: process.env.INIT_CWD ?? process.cwd(), root });
  const missing = missingSources(root, options.demo);
  if (missing.length > 0) throw new UsageError(`This checkout is not whole; missing: ${missing.join(", ")}`);
  const stop = listenForStop();
  const progress = openProgress(say);
  // A start that cannot be leaves no folder behind; one that is there may say better who has the port.
  if (!existsSync(options.dataDir)) await checkPort(options.port);
  const folder = await openDataFolder(options.dataDir, { fresh: options.fresh, progress, halt: stop });
  try {
    await checkPort(options.port);
    const system = new System({ root, folder, options, progress, cacheDir: join(root, ".tagwire", "bin") });
    try {
      const ready = await stop.unless(system.start());
      say(`tagwire ready ${ready.url}`);
      for (const line of ready.advice) say(`  ${line}`);
      await untilStopped(stop);
      say("stopping");
    } finally {
      await system.stop();
    }
  } finally {
    folder.release();
  }
  say("stopped");
};

// A terminal or a pipe that is closed must not keep us from stopping in order.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

try {
  await launch();
  process.exit();
} catch (error) {
  if (error instanceof Halted) process.exit();
  process.stderr.write(`✗ ${explain(error)}\n`);
  process.exit(1);
}
