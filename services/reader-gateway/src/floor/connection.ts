import { Fault } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { type Driver, type DriverHost, type DriverSettings, driverStopTimeoutMs } from "../drivers/driver.ts";

export type ConnectionOptions = {
  readonly drive: Driver;
  readonly settings: DriverSettings;
  /** What the connection may tell. It may throw: that ends the connection. */
  readonly host: DriverHost;
  readonly log: Logger;
};

/** Resolves when `ended` does, or when it has not for a while after the signal; true when it ended. */
const endedInTime = async (ended: Promise<void>, signal: AbortSignal): Promise<boolean> => {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    timer = setTimeout(resolve, driverStopTimeoutMs, false).unref();
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([ended.then(() => true), late]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    clearTimeout(timer);
  }
};

/** The host as a driver gets it: it never throws, and it hears nothing more once the connection is over. */
const guarded = (host: DriverHost, isOver: () => boolean, broke: (error: unknown) => void): DriverHost => {
  const guard =
    <Said extends readonly unknown[]>(tell: (...said: Said) => void) =>
    (...said: Said) => {
      if (isOver()) return;
      try {
        tell(...said);
      } catch (error) {
        broke(error);
      }
    };
  return {
    phase: guard(host.phase),
    frame: guard(host.frame),
    malformed: guard(host.malformed),
    notice: guard(host.notice),
  };
};

/**
 * One connection to a reader: its driver runs until `signal` aborts (then this resolves) or until the connection ends.
 *
 * A driver is called back by sockets and ports, above which nobody catches. So a mistake that shows while it tells something ends
 * this connection, and this connection only. A driver that does not end in time is left to itself and not heard any more.
 *
 * @throws what ended the connection: the driver's Fault, or the mistake.
 */
export const holdConnection = async (options: ConnectionOptions, signal: AbortSignal): Promise<void> => {
  const { drive, settings, host, log } = options;
  const control = new AbortController();
  const letGo = () => control.abort();
  const mistakes: unknown[] = [];
  let isOver = false;
  const broke = (mistake: unknown) => {
    isOver = true;
    mistakes.push(mistake);
    letGo();
  };
  signal.addEventListener("abort", letGo, { once: true });
  try {
    const ended = drive(
      settings,
      guarded(host, () => isOver, broke),
      control.signal,
    );
    if (!(await endedInTime(ended, control.signal))) {
      ended.catch((err: unknown) => log.warn({ err }, "a driver ended late"));
      log.error("the driver did not stop in time and was left to itself");
    }
  } catch (error) {
    throw mistakes[0] ?? error;
  } finally {
    isOver = true;
    signal.removeEventListener("abort", letGo);
  }
  if (mistakes.length > 0) throw mistakes[0];
  if (!signal.aborted) throw new Fault("reader.closed", "the driver ended by itself");
};
