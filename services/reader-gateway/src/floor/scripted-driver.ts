import { driverNames } from "@tagwire/messages";
import type { Driver, DriverHost, DriverSettings, TagRead } from "../drivers/driver.ts";
import type { Drivers } from "./reader-life.ts";

/** One connection as a test sees it: what the driver was told, and the levers to end it. */
export type Connection = {
  readonly settings: DriverSettings;
  readonly host: DriverHost;
  readonly signal: AbortSignal;
  readonly fail: (error: unknown) => void;
  readonly end: () => void;
};

export type ScriptedDrivers = { readonly drivers: Drivers; readonly connections: readonly Connection[] };

/**
 * Drivers for tests: a driver is a function, and this one does what the test says. It goes to inventory by itself unless
 * `begin` says otherwise, and stops when it is told unless `deaf`.
 */
export const scriptedDrivers = (
  options: { begin?: (connection: Connection, nth: number) => void; deaf?: boolean } = {},
): ScriptedDrivers => {
  const connections: Connection[] = [];
  const begin =
    options.begin ??
    (({ host }: Connection) => {
      host.phase("configuring");
      host.phase("inventory");
    });
  const driver: Driver = (settings, host, signal) =>
    new Promise<void>((resolve, reject) => {
      const connection: Connection = { settings, host, signal, fail: reject, end: () => resolve() };
      if (options.deaf !== true) signal.addEventListener("abort", () => resolve(), { once: true });
      connections.push(connection);
      begin(connection, connections.length);
    });
  return { drivers: everyDriver(driver), connections };
};

/** One driver under every name. */
export const everyDriver = (driver: Driver): Drivers =>
  Object.fromEntries(driverNames.map((name) => [name, driver])) as Drivers;

export const tagRead = (epc: string, more: Partial<TagRead> = {}): TagRead => ({
  epc,
  antenna: 1,
  rssiDbm: -55,
  count: 1,
  heardAtMs: Date.now(),
  ...more,
});
