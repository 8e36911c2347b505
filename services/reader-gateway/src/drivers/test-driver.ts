import { Fault } from "@tagwire/messages";
import { afterEach } from "vitest";
import type { Driver, DriverSettings, ReaderNotice } from "./driver.ts";
import { type RecordingHost, recordingHost } from "./recording-host.ts";

type Stopping = { readonly of?: unknown; readonly stop: () => unknown };

let stops: Stopping[] = [];
afterEach(async () => {
  for (const { stop } of stops.splice(0).reverse()) await stop();
});

/** Ends after the test what it began, the newest first. */
export const stopLater = (stop: () => unknown): void => void stops.push({ stop });

/** An emulated reader that is stopped when the test is over, after what was begun later. */
export const during = async <R extends { readonly stop: () => Promise<unknown> }>(
  starting: Promise<R>,
): Promise<R> => {
  const started = await starting;
  stops.push({ of: started, stop: started.stop });
  return started;
};

/** The test itself has stopped or unplugged it. */
export const isStopped = (started: object): void => {
  stops = stops.filter((one) => one.of !== started);
};

/** Runs a driver until it ends or the test is over. `fault` is the code it ended with, or "no fault". */
export const runDriver = (
  driver: Driver,
  settings: Pick<DriverSettings, "address"> & Partial<DriverSettings>,
) => {
  const host = recordingHost();
  const controller = new AbortController();
  const done = driver({ antennas: [], ...settings }, host, controller.signal);
  const fault = done.then(
    () => "no fault",
    (error: unknown) => (error instanceof Fault ? error.code : String(error)),
  );
  stopLater(async () => {
    controller.abort();
    await fault;
  });
  return { host, abort: () => controller.abort(), done, fault };
};

/** Whether each of these tags was heard, and no other. */
export const hasHeard =
  (tags: readonly { readonly epc: string }[]) =>
  ({ reads }: RecordingHost): boolean =>
    new Set(reads.map(({ epc }) => epc)).size === tags.length;

type Warning = Extract<ReaderNotice, { kind: "warning" }>;

export const warningsOf = ({ notices }: RecordingHost): Warning[] =>
  notices.flatMap((notice) => (notice.kind === "warning" ? [notice] : []));

type Input = Extract<ReaderNotice, { kind: "input" }>;

export const inputsTold = ({ notices }: RecordingHost): Input[] =>
  notices.flatMap((notice) => (notice.kind === "input" ? [notice] : []));
