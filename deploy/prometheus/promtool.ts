import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "@tagwire/embedded";

export const root = join(import.meta.dirname, "../..");
const cacheDir = join(root, ".tagwire/bin");

/** @throws EmbeddedFailure `embedded.program_missing` where there is none and none can be fetched */
export const findPrometheus = (): Promise<string> =>
  findProgram({ name: "prometheus", proof: ["--version"], cacheDir });

/**
 * What promtool says of files.
 *
 * @throws where it finds fault with them, with what it said; EmbeddedFailure where there is no promtool and none can be fetched
 */
export const promtool = async (args: readonly string[]): Promise<string> => {
  const program = await findProgram({ name: "promtool", proof: ["--version"], cacheDir });
  // Each trial has a database of its own, which waits for a disk for minutes.
  const memory = "/dev/shm";
  const env = existsSync(memory) ? { ...process.env, TMPDIR: memory } : process.env;
  const { stdout } = await promisify(execFile)(program, [...args], { env }).catch(
    (error: Error & { stdout?: string; stderr?: string }) => {
      throw new Error(`promtool ${args[0]}: ${error.stdout ?? ""}${error.stderr ?? ""}`, { cause: error });
    },
  );
  return stdout;
};
