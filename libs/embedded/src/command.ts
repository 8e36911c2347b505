import { spawn } from "node:child_process";

/** Output past this many bytes is dropped from the front: only the end of a long log explains a failure. */
const outputKeptBytesMax = 256 * 1024;
const timeoutMsDefault = 20_000;

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Written to the program's standard input, which is then closed. */
  readonly input?: string;
  readonly timeoutMs?: number;
}

/** How a program ended. `code` is `null` when it could not be started, was killed or ran out of time. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why there is no exit code: the reason from the operating system, a signal or the time limit. */
  readonly problem: string | undefined;
}

const keepEnd = (text: string): string =>
  text.length <= outputKeptBytesMax ? text : text.slice(-outputKeptBytesMax);

/**
 * Runs a program to its end and never throws: a missing program is a result like any other.
 * It is killed when `timeoutMs` (20 s unless told) has passed.
 */
export const runCommand = (
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> =>
  new Promise((resolve) => {
    const timeoutMs = options.timeoutMs ?? timeoutMsDefault;
    const child = spawn(program, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: options.env ?? process.env,
      stdio: ["pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    let problem: string | undefined;
    const timer = setTimeout(() => {
      problem = `gave no result within ${timeoutMs} ms`;
      child.kill("SIGKILL");
    }, timeoutMs);
    const finish = (code: number | null): void => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr, problem });
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout = keepEnd(stdout + text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr = keepEnd(stderr + text);
    });
    // A program that ends before it has read its input is judged by its exit code, not by the broken pipe.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
    child.once("error", (error) => {
      problem ??= error.message;
      finish(null);
    });
    child.once("close", (code, signal) => {
      if (signal !== null) problem ??= `ended by ${signal}`;
      finish(code);
    });
  });

/** The last words of a failed program, for an error message. */
export const lastWords = (result: CommandResult): string => {
  const lines = `${result.stdout}\n${result.stderr}`.split("\n").filter((line) => line.trim() !== "");
  return [...(result.problem === undefined ? [] : [result.problem]), ...lines.slice(-8)].join("\n  ");
};
