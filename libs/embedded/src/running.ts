import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { EmbeddedFailure } from "./failure.ts";

/** A server that runs on this machine as a child of this process. */
export interface Embedded {
  readonly pid: number;
  readonly url: string;
  /** Stops the server in order, with force after a bounded time. Safe to call twice. */
  readonly stop: () => Promise<void>;
  /** Resolves with the exit code when the process ends for whatever reason; `null` when a signal ended it. */
  readonly exited: Promise<number | null>;
}

/** Signals to try one after the other, each with the time it is given. SIGKILL follows the last. */
export type StopPlan = readonly { readonly signal: NodeJS.Signals; readonly patienceMs: number }[];

export interface ChildOptions {
  readonly command: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly stopPlan: StopPlan;
  readonly onLog?: (line: string) => void;
}

export interface Child {
  readonly pid: number;
  readonly exited: Promise<number | null>;
  readonly stop: () => Promise<void>;
  readonly hasExited: () => boolean;
  /** The newest lines the program wrote, oldest first. */
  readonly recentLines: () => readonly string[];
}

const recentLinesMax = 40;
/** How long the end of a program's output is awaited after the program's own. */
const lastWordsMs = 500;

const readLines = (child: ChildProcess, onLine: (line: string) => void): void => {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", onLine);
  }
};

const endsWithin = (exited: Promise<unknown>, patienceMs: number): Promise<boolean> => {
  const tired = new AbortController();
  return Promise.race([
    exited.then(() => true),
    wait(patienceMs, false, { signal: tired.signal, ref: false }).catch(() => false),
  ]).finally(() => tired.abort());
};

const stopByPlan = async (child: ChildProcess, exited: Promise<unknown>, plan: StopPlan): Promise<void> => {
  for (const { signal, patienceMs } of plan) {
    child.kill(signal);
    if (await endsWithin(exited, patienceMs)) return;
  }
  child.kill("SIGKILL");
  await exited;
};

/**
 * Starts a program whose output is read line by line.
 *
 * Throws `embedded.program_missing` when the program cannot be started at all.
 */
export const startChild = async (options: ChildOptions): Promise<Child> => {
  const [program = "", ...args] = options.command;
  const child = spawn(program, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
    // In a group of its own, so that Ctrl-C in a terminal reaches only the parent, which stops things in order.
    detached: true,
  });
  let ended = false;
  const exited = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => {
      const finish = (): void => {
        ended = true;
        resolve(code);
      };
      // What it said last is still on its way to us. What it started may hold the pipe open for ever.
      child.once("close", finish);
      setTimeout(finish, lastWordsMs).unref();
    });
  });
  const recent: string[] = [];
  readLines(child, (line) => {
    recent.push(line);
    if (recent.length > recentLinesMax) recent.shift();
    options.onLog?.(line);
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (cause) =>
      reject(new EmbeddedFailure("embedded.program_missing", `${program} does not start: ${cause.message}`)),
    );
  });
  let stopping: Promise<void> | undefined;
  return {
    pid: child.pid ?? -1,
    exited,
    hasExited: () => ended,
    recentLines: () => recent,
    stop: () => {
      stopping ??= ended ? Promise.resolve() : stopByPlan(child, exited, options.stopPlan);
      return stopping;
    },
  };
};
