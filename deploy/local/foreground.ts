import { spawn } from "node:child_process";
import { constants } from "node:os";
import { withParentDeathSignal } from "@tagwire/embedded";

/**
 * Runs a program with our terminal and passes signals on. Resolves with its exit code, or 128 and the signal's
 * number when one ended it, as shells count. Rejects when it does not start.
 */
export const runInTerminal = (
  command: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<number> =>
  new Promise((resolve, reject) => {
    const [program = "", ...args] = withParentDeathSignal("TERM", command);
    const child = spawn(program, args, { ...options, stdio: "inherit" });
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    // Ctrl-C reaches the program without us, since it is in the terminal's group; the others do not.
    for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, pass);
    const ignore = (): void => undefined;
    process.on("SIGINT", process.stdin.isTTY ? ignore : pass);
    child.once("error", reject);
    child.once("exit", (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
