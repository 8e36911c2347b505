import { rmSync } from "node:fs";
import { join } from "node:path";
import { takePackage } from "./apt-package.ts";
import { runCommand } from "./command.ts";
import { EmbeddedFailure } from "./failure.ts";
import { keep, makeWorkFolder } from "./program-cache.ts";
import { findAllOnPath, isExecutableFile } from "./search-path.ts";

export interface ProgramSearch {
  /** What it is called, on PATH and in the package. */
  readonly name: string;
  /** The distribution's package that holds it. Default: called as the program is. */
  readonly packageName?: string;
  /** What it is asked to prove that it runs, such as `["--version"]`. */
  readonly proof: readonly string[];
  /** Where a fetched program is kept for the next time. */
  readonly cacheDir: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly onProgress?: (text: string) => void;
}

const proofTimeoutMs = 20_000;

/**
 * Finds a program that checks what is shipped and is no part of it: on PATH, in the cache, or in the distribution's package, which is
 * fetched into the cache as nats-server is: signed, without root, and nothing is installed.
 *
 * @returns its path
 * @throws EmbeddedFailure `embedded.program_missing` with what was tried
 */
export const findProgram = async (search: ProgramSearch): Promise<string> => {
  const { name, proof, cacheDir, env = process.env, onProgress = () => undefined } = search;
  const objectionTo = async (binary: string): Promise<string | undefined> =>
    (await runCommand(binary, proof, { timeoutMs: proofTimeoutMs })).code === 0
      ? undefined
      : "it does not run on this machine";
  const cached = join(cacheDir, name);
  const reasons: string[] = [];
  for (const path of [...findAllOnPath(name, env), ...(isExecutableFile(cached) ? [cached] : [])]) {
    const objection = await objectionTo(path);
    if (objection === undefined) return path;
    reasons.push(`${path}: ${objection}`);
  }
  const work = makeWorkFolder(cacheDir);
  try {
    const packed = { packageName: search.packageName ?? name, program: name };
    const taken = await takePackage(packed, { work, env, onProgress, judge: objectionTo });
    if ("binary" in taken) return keep(taken.binary, cacheDir, name);
    reasons.push(...taken);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  throw new EmbeddedFailure(
    "embedded.program_missing",
    `No ${name} was found or could be fetched. Install one and put it on PATH.\nTried:\n  ${reasons.join("\n  ")}`,
  );
};
