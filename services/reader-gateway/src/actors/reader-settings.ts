import { type Antenna, type CreateReader, type DriverName, Fault, type PatchReader } from "@tagwire/messages";
import type { DriverSettings } from "../drivers/driver.ts";
import type { ReaderSettings } from "../store/readers.ts";
import type { Places } from "./smoothing.ts";

const host = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?::(\d{1,5}))?$/;
const device = /^(\/[^\s?\0]+|COM\d{1,3})(?:\?baud=(\d{3,7}))?$/;
const portMax = 65_535;

const isNetworkAddress = (address: string): boolean => {
  const match = host.exec(address);
  if (match === null) return false;
  const port = match[2] === undefined ? 1 : Number(match[2]);
  return port >= 1 && port <= portMax;
};

const addressForms: Record<
  DriverName,
  { readonly form: string; readonly fits: (address: string) => boolean; readonly antennasMax: number }
> = {
  llrp: { form: "host[:port]", fits: isNetworkAddress, antennasMax: 64 },
  m100: {
    form: "a device path with optional ?baud=",
    fits: (address) => device.test(address),
    antennasMax: 1,
  },
};

/**
 * Settings that this driver can have.
 *
 * @throws Fault `reader.settings`, naming what does not fit.
 */
export const checkSettings = (settings: ReaderSettings): ReaderSettings => {
  if (!Object.hasOwn(addressForms, settings.driver))
    throw new Fault("reader.settings", `driver ${settings.driver}`);
  const { form, fits, antennasMax } = addressForms[settings.driver];
  if (!fits(settings.address))
    throw new Fault("reader.settings", `the address of ${settings.driver} is ${form}`);
  const ports = settings.antennas.map(({ port }) => port);
  if (new Set(ports).size !== ports.length) throw new Fault("reader.settings", "an antenna is named twice");
  if (ports.some((port) => port > antennasMax))
    throw new Fault("reader.settings", `antenna ports of ${settings.driver} end at ${antennasMax}`);
  return settings;
};

export const settingsOf = (reader: CreateReader): ReaderSettings => ({
  driver: reader.driver,
  address: reader.address,
  antennas: reader.antennas,
  station: reader.station ?? null,
});

export const patched = (settings: ReaderSettings, patch: PatchReader): ReaderSettings => ({
  driver: patch.driver ?? settings.driver,
  address: patch.address ?? settings.address,
  antennas: patch.antennas ?? settings.antennas,
  station: patch.station ?? settings.station,
});

const comparable = ({ driver, address, antennas, station }: ReaderSettings): string =>
  JSON.stringify([
    driver,
    address,
    station,
    antennas
      .map(
        ({ port, place, role, powerDbm }) => [port, place ?? null, role ?? null, powerDbm ?? null] as const,
      )
      .sort(([left], [right]) => left - right),
  ]);

/** Whether two settings mean the same; the order of antennas means nothing. */
export const sameSettings = (left: ReaderSettings, right: ReaderSettings): boolean =>
  comparable(left) === comparable(right);

export const placesOf = (antennas: readonly Antenna[]): Places =>
  new Map(antennas.flatMap(({ port, place }) => (place === undefined ? [] : [[port, place] as const])));

export const driverSettingsOf = ({ address, antennas }: ReaderSettings): DriverSettings => ({
  address,
  antennas: antennas.map(({ port, powerDbm }) => ({
    port,
    ...(powerDbm === undefined ? {} : { powerDbm }),
  })),
});
