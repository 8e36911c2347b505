import { resolve } from "node:path";
import { type Access, accessOf } from "./access.ts";
import { endWithReader, explain } from "./explain.ts";
import { UsageError } from "./options.ts";
import { type OwnOptions, readToolOptions, type ToolOptions } from "./tool-options.ts";
import { isHelpWanted } from "./usage.mjs";

const root = resolve(import.meta.dirname, "../..");

/** Ends a line on the screen. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * Runs a command to a Tagwire that runs, and ends the process with its code: 0 when all is well, what `run` gives otherwise; 2 for options
 * that mean nothing, 1 for whatever failed.
 */
export const toolCommand = async (
  usage: string,
  own: OwnOptions,
  run: (options: ToolOptions, signal: AbortSignal) => Promise<number>,
): Promise<void> => {
  const args = process.argv.slice(2);
  endWithReader();
  if (isHelpWanted(args)) return say(usage);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
  try {
    const cwd = process.env.INIT_CWD ?? process.cwd();
    const options = readToolOptions(args, process.env, { cwd, root, usage, ...own });
    process.exitCode = await run(options, stop.signal);
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") return;
    process.stderr.write(`✗ ${explain(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
};

/** A command about one site, whose name it is told. */
export const siteCommand = (
  usage: string,
  run: (access: Access, options: ToolOptions & { readonly site: string }) => Promise<number>,
  flags: readonly string[] = [],
): Promise<void> =>
  toolCommand(usage, { words: { count: 1, why: "Name one site." }, flags }, (options, signal) =>
    run(accessOf(options, usage, signal), { ...options, site: options.words[0] ?? "" }),
  );
