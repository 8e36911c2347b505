/** `npx tagwire rfidpro pull --site X` and `npx tagwire rfidpro verify-archive DIR`. */
import { resolve } from "node:path";
import { endWithReader, explain } from "./explain.ts";
import { UsageError } from "./options.ts";
import { readRfidproOptions, rfidproUsage } from "./rfidpro-options.ts";
import { pullRfidpro } from "./rfidpro-pull.ts";
import { verifyRfidproArchive } from "./rfidpro-verify.ts";
import { say } from "./tool-command.ts";
import { isHelpWanted } from "./usage.mjs";

const root = resolve(import.meta.dirname, "../..");

const run = async (args: readonly string[], signal: AbortSignal): Promise<number> => {
  const cwd = process.env.INIT_CWD ?? process.cwd();
  const options = readRfidproOptions(args, process.env, { cwd, root });
  return options.what === "pull" ? pullRfidpro(options, signal) : verifyRfidproArchive(options, signal);
};

const args = process.argv.slice(2);
endWithReader();
if (isHelpWanted(args)) say(rfidproUsage);
else {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  try {
    process.exitCode = await run(args, stop.signal);
  } catch (error) {
    process.stderr.write(`✗ ${stop.signal.aborted ? "Stopped." : explain(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
