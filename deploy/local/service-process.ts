import { rmSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { type Child, nodeFlagsOf, type StopPlan, startChild, withParentDeathSignal } from "@tagwire/embedded";
import type { Children } from "./children.ts";
import { readServiceAddress, type ServiceAddress } from "./endpoints.ts";
import { type Halt, Halted } from "./halt.ts";
import type { LogFile } from "./log-file.ts";
import type { Running } from "./supervisor.ts";

const readyTimeoutMs = 30_000;
const readyPollMs = 50;
const probeTimeoutMs = 2_000;
const shownLogLinesMax = 20;
const stopPatienceMsDefault = 3_000;

/** One of our own programs: a TypeScript file that Node runs as it is. */
export interface Program {
  readonly name: string;
  readonly mainFile: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly log: LogFile;
  readonly children: Children;
  readonly halt: Halt;
  /** How long it may take to end once it was told to, 3 s unless said. */
  readonly stopPatienceMs?: number;
}

export interface RunningService extends Running {
  readonly http: string;
  /** The address for people; only the api-gateway has one. */
  readonly publicUrl: string | undefined;
  /** The port that it opened for people. */
  readonly publicPort: number | undefined;
}

/** A service did not get ready; the message ends with what it wrote last. */
export class ServiceStartError extends Error {}

const startProgram = async (program: Program): Promise<Child> => {
  if (program.halt.isWished) throw new Halted();
  const { stopPatienceMs = stopPatienceMsDefault } = program;
  const stopPlan: StopPlan = [{ signal: "SIGTERM", patienceMs: stopPatienceMs }];
  const child = await startChild({
    command: withParentDeathSignal("TERM", [
      process.execPath,
      ...nodeFlagsOf(program.mainFile),
      program.mainFile,
    ]),
    cwd: program.cwd,
    env: program.env,
    stopPlan,
    onLog: program.log.write,
  });
  program.children.note(child.pid);
  void child.exited.then(() => program.children.forget(child.pid));
  return child;
};

const failure = (program: Program, child: Child, what: string): ServiceStartError => {
  const lines = child.recentLines().slice(-shownLogLinesMax);
  const said = lines.length === 0 ? "It wrote nothing." : `Its last lines:\n  ${lines.join("\n  ")}`;
  return new ServiceStartError(`${program.name} ${what}. ${said}`);
};

/** The address, once the very process we started has written it: an earlier one's file may still lie there. */
const addressOf = (child: Child, endpointFile: string): ServiceAddress | undefined => {
  const address = readServiceAddress(endpointFile);
  return address?.pid === child.pid ? address : undefined;
};

const isReady = async (http: string): Promise<boolean> => {
  try {
    const response = await fetch(new URL("/readyz", http), { signal: AbortSignal.timeout(probeTimeoutMs) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
};

const awaitReady = async (program: Program, child: Child, endpointFile: string): Promise<ServiceAddress> => {
  const deadlineMs = performance.now() + readyTimeoutMs;
  while (performance.now() < deadlineMs) {
    if (program.halt.isWished) throw new Halted();
    if (child.hasExited()) throw failure(program, child, "ended before it was ready");
    const address = addressOf(child, endpointFile);
    if (address !== undefined && (await isReady(address.http))) return address;
    await wait(readyPollMs);
  }
  const missing = addressOf(child, endpointFile) === undefined ? "wrote no address" : "was not ready";
  throw failure(program, child, `${missing} within ${readyTimeoutMs / 1000} s`);
};

/**
 * Starts a service and waits until its `/readyz` answers 200, 30 s at most. `endpointFile` is where it writes its
 * address.
 *
 * Throws `ServiceStartError`, after stopping it.
 */
export const startService = async (program: Program, endpointFile: string): Promise<RunningService> => {
  rmSync(endpointFile, { force: true });
  const child = await startProgram(program);
  try {
    const address = await awaitReady(program, child, endpointFile);
    return {
      pid: child.pid,
      exited: child.exited,
      stop: child.stop,
      http: address.http,
      publicUrl: address.public,
      publicPort: address.listens === undefined ? undefined : Number(new URL(address.listens).port),
    };
  } catch (error) {
    await child.stop();
    throw error;
  }
};

/** What a program without an address writes, as a line of its own, once it does what it is for. */
export interface ReadyWord {
  readonly line: string;
  readonly withinMs: number;
  /** What people may do when it does not come. */
  readonly advice: string;
}

/**
 * Starts a program that has no address and waits for its word.
 *
 * Throws `ServiceStartError`, after stopping it, when it ends before or does not say it in time.
 */
export const startTool = async (program: Program, word: ReadyWord): Promise<Running> => {
  const said = Promise.withResolvers<"said">();
  const write = (line: string): void => {
    program.log.write(line);
    if (line === word.line) said.resolve("said");
  };
  const child = await startProgram({ ...program, log: { ...program.log, write } });
  const late = new AbortController();
  try {
    const outcome = await program.halt.unless(
      Promise.race([
        said.promise,
        child.exited.then(() => "ended" as const),
        wait(word.withinMs, "late" as const, { signal: late.signal }),
      ]),
    );
    if (outcome === "ended") throw failure(program, child, "ended before it was ready");
    if (outcome === "late")
      throw failure(program, child, `was not ready within ${word.withinMs / 1_000} s; ${word.advice}`);
    return child;
  } catch (error) {
    await child.stop();
    throw error;
  } finally {
    late.abort();
  }
};
