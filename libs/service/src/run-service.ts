import { faultMessage } from "@tagwire/messages";
import { type Logger, openLog } from "./log.ts";
import { openProbes, type Readiness, writeEndpoint } from "./probes.ts";
import type { Environment } from "./settings.ts";
import { startTelemetry, type Telemetry } from "./telemetry.ts";

/** Anything that was opened and must be closed. */
export type Closable = { readonly close: () => Promise<void> } | { readonly stop: () => Promise<void> };

export type ServiceContext = {
  readonly env: Environment;
  readonly log: Logger;
  /** Takes charge of closing: in reverse order on SIGTERM, or when starting fails half way. */
  readonly use: <T extends Closable>(opened: T) => T;
  /** Adds a condition to `/readyz`. */
  readonly ready: (name: string, holds: Readiness["holds"]) => void;
  /** What works, but with less than it could promise: warned of in the log, and told in `/readyz` as long as the process lives. */
  readonly lacks: (text: string) => void;
  /** All metrics of this process, as `/metrics` gives them. */
  readonly metricsText: Telemetry["metricsText"];
  /** More to tell whoever started us, beside our own address. */
  readonly tell: (more: Readonly<Record<string, unknown>>) => void;
};

/** How long closing may take before the process ends anyway. */
const closeTimeoutMs = 7_000;

const closeOne = (opened: Closable): Promise<void> => ("close" in opened ? opened.close() : opened.stop());

/**
 * Runs a service: settings from the environment, log, telemetry, probes, then `start`. On SIGTERM or SIGINT everything that
 * was handed to `use` is closed in reverse order and the process ends with 0; a failed start closes what was open and ends with 1.
 */
export const runService = async (
  name: string,
  start: (service: ServiceContext) => Promise<void>,
): Promise<void> => {
  const env = process.env;
  const log = openLog(name, env.LOG_LEVEL ?? "info");
  const opened: Closable[] = [];
  const conditions: Readiness[] = [];
  const lacking: string[] = [];
  const told: Record<string, unknown> = {};
  const telemetry = startTelemetry(name, env);
  let stopping: Promise<void> | undefined;

  const closeAll = async () => {
    for (const one of opened.reverse())
      await closeOne(one).catch((err: unknown) => log.error({ err }, "did not close"));
    await telemetry.close();
  };
  const stop = (exitCode: number): Promise<void> => {
    stopping ??= (async () => {
      log.info({ exitCode }, "stopping");
      setTimeout(() => {
        log.error("closing took too long");
        process.exit(exitCode === 0 ? 1 : exitCode);
      }, closeTimeoutMs).unref();
      await closeAll();
      log.info("stopped");
      process.exit(exitCode);
    })();
    return stopping;
  };
  process.once("SIGTERM", () => void stop(0));
  process.once("SIGINT", () => void stop(0));
  for (const mistake of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(mistake, (err: unknown) => {
      // Our own mistake, or a driver's: state may be wrong, so hand over, end, and let whoever supervises us start afresh.
      log.fatal({ err }, mistake);
      void stop(1);
    });
  }

  try {
    const probes = openProbes(telemetry, { conditions, lacking }, () => stopping !== undefined);
    opened.push(probes);
    await start({
      env,
      log,
      use: (one) => {
        opened.push(one);
        return one;
      },
      ready: (condition, holds) => conditions.push({ name: condition, holds }),
      lacks: (text) => {
        lacking.push(text);
        log.warn(text);
      },
      metricsText: telemetry.metricsText,
      tell: (more) => Object.assign(told, more),
    });
    const http = await probes.listen({
      host: env.SERVICE_HOST ?? "127.0.0.1",
      port: Number(env.SERVICE_PORT ?? "0"),
    });
    await writeEndpoint(env.ENDPOINT_FILE, { name, pid: process.pid, http, ...told });
    log.info({ http, ...told }, "started");
  } catch (err) {
    log.fatal({ err, fault: faultMessage(err) }, "could not start");
    await stop(1);
  }
};
