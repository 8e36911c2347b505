import { faultMessage } from "@tagwire/messages";
import { type Logger, openLog } from "./log.ts";
import type { Closable } from "./run-service.ts";
import type { Environment } from "./settings.ts";

export type OnceContext = {
  readonly env: Environment;
  readonly log: Logger;
  /** Takes charge of closing, in reverse order, however the work ends. */
  readonly use: <T extends Closable>(opened: T) => T;
};

/**
 * Does one thing for a service and ends the process with what `work` gives, 1 where it fails: for whoever
 * schedules it, such as a Job of Kubernetes.
 */
export const runOnce = async (
  name: string,
  work: (context: OnceContext) => Promise<number>,
): Promise<void> => {
  const log = openLog(name, process.env.LOG_LEVEL ?? "info");
  await using opened = new AsyncDisposableStack();
  const use = <T extends Closable>(one: T): T =>
    opened.adopt(one, (closing) => ("close" in closing ? closing.close() : closing.stop()));
  try {
    process.exitCode = await work({ env: process.env, log, use });
  } catch (err) {
    log.fatal({ err, fault: faultMessage(err) }, "it could not be done");
    process.exitCode = 1;
  }
};
