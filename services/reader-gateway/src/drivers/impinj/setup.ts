import { Fault } from "@tagwire/messages";
import type { DriverHost, DriverSettings } from "../driver.ts";
import { isObject, type JsonObject, textIn } from "../json/object.ts";
import type { ImpinjLimits } from "./limits.ts";
import { presetName, presetOf } from "./preset.ts";
import { impinjRegions } from "./regions.ts";
import type { Rest } from "./rest.ts";

export type SetUp = {
  readonly rest: Rest;
  readonly settings: DriverSettings;
  readonly host: DriverHost;
  readonly limits: ImpinjLimits;
  readonly signal: AbortSignal;
};

const get = async (
  { rest, signal }: SetUp,
  path: string,
  accept: readonly number[] = [],
): Promise<JsonObject> => {
  const { body } = await rest.ask("GET", path, { signal, accept });
  return isObject(body) ? body : {};
};

const warn = ({ host }: SetUp, code: string, message: string): void =>
  host.notice({ kind: "warning", code, message });

/** The reader speaks either LLRP or this; told to speak this, it stops an LLRP client that it serves. */
const chooseInterface = async (up: SetUp): Promise<void> => {
  const { rfidInterface } = await get(up, "system/rfid/interface", [404]);
  if (rfidInterface === undefined || rfidInterface === "rest") return;
  await up.rest.ask("PUT", "system/rfid/interface", { signal: up.signal, body: { rfidInterface: "rest" } });
  warn(
    up,
    "interface_changed",
    `the reader was set to ${String(rfidInterface)} and speaks its IoT device interface now`,
  );
};

const identify = async (up: SetUp): Promise<void> => {
  const system = await get(up, "system");
  const image = await get(up, "system/image");
  const model = textIn(system, "productModel") ?? "IoT device interface";
  const firmware = textIn(image, "primaryFirmware") ?? "";
  up.host.notice({ kind: "identified", model: `Impinj ${model}`, firmware, antennas: 0 });
};

const namesIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((name): name is string => typeof name === "string") : [];

const setRegion = async (up: SetUp): Promise<void> => {
  const { region } = up.settings;
  if (region === undefined) return;
  const named = impinjRegions[region];
  const info = await get(up, "system/region");
  const selectable = namesIn(info.selectableRegions);
  if (named === undefined || named.test(textIn(info, "operatingRegion") ?? "")) return;
  const operatingRegion = selectable.find((name) => named.test(name));
  if (operatingRegion === undefined)
    throw new Fault(
      "reader.region",
      `this reader can be set to ${selectable.join(", ") || "no other region"}`,
    );
  await up.rest.ask("PUT", "system/region", { signal: up.signal, body: { operatingRegion } });
  warn(up, "region_changed", `the reader keeps the rules of ${operatingRegion} now; it may restart for that`);
};

/** The reader keeps what it reads while nobody listens, and lives audibly. One that wants this otherwise is heard all the same. */
const setStream = async (up: SetUp): Promise<void> => {
  const { keptEvents, keptMinutes, keepAliveSeconds } = up.limits;
  const body = {
    eventBufferSize: keptEvents,
    eventAgeLimitMinutes: keptMinutes,
    keepAliveIntervalSeconds: keepAliveSeconds,
  };
  try {
    await up.rest.ask("PUT", "http-stream", { signal: up.signal, body });
  } catch (fault) {
    if (!(fault instanceof Fault) || (fault.code !== "reader.settings" && fault.code !== "reader.error"))
      throw fault;
    warn(up, "stream_settings_refused", `${fault.detail}; a quiet field may look like a dead line now`);
  }
};

/** Whether an inventory runs, or waits for its trigger. */
export const isBusy = async (up: SetUp): Promise<boolean> => (await get(up, "status")).status !== "idle";

/**
 * Gets the reader ready and starts its inventory. What it is doing already is ended, since it does one thing at a time. `starting` is told
 * before it is asked to: from then on it may read, whether or not its answer is heard.
 *
 * @throws Fault when it cannot be reached or takes no such settings.
 */
export const setUp = async (up: SetUp, starting: () => void): Promise<void> => {
  const { rest, signal } = up;
  await chooseInterface(up);
  await identify(up);
  if (await isBusy(up)) await rest.ask("POST", "profiles/stop", { signal });
  await setRegion(up);
  await setStream(up);
  const own = await rest.ask("GET", "profiles/inventory/presets/default", { signal, accept: [404] });
  const preset = `profiles/inventory/presets/${presetName}`;
  await rest.ask("PUT", preset, { signal, body: presetOf(up.settings, own.body) });
  starting();
  await rest.ask("POST", `${preset}/start`, { signal });
};
