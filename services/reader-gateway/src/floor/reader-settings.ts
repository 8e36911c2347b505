import { type Antenna, type CreateReader, type DriverName, Fault, type PatchReader } from "@tagwire/messages";
import type { Places } from "../actors/smoothing.ts";
import type { DriverSettings } from "../drivers/driver.ts";
import { networkAddress } from "../drivers/network-address.ts";
import { serialAddress } from "../drivers/serial-address.ts";
import type { ReaderSettings } from "../store/readers.ts";

/** What tells a device path from a host name that was meant for another driver. */
const device = /^(\/[^\s?]+|COM\d{1,3})(\?|$)/;
const m100BaudRate = 115_200;
const llrpPort = 5084;

type AddressForm = { readonly check: (address: string) => void; readonly antennasMax: number };

const addressForms: Record<DriverName, AddressForm> = {
  llrp: { check: (address) => void networkAddress(address, llrpPort), antennasMax: 64 },
  m100: {
    check: (address) => {
      if (!device.test(address))
        throw new Fault("reader.settings", `"${address}" is not a device path with optional ?baud=`);
      serialAddress(address, m100BaudRate);
    },
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
  const { check, antennasMax } = addressForms[settings.driver];
  check(settings.address);
  const texts = [
    settings.address,
    settings.station ?? "",
    ...settings.antennas.flatMap(({ place, role }) => [place ?? "", role ?? ""]),
  ];
  if (texts.some((text) => /\p{Cc}/u.test(text)))
    throw new Fault("reader.settings", "control characters in a name");
  const ports = settings.antennas.map(({ port }) => port);
  if (new Set(ports).size !== ports.length) throw new Fault("reader.settings", "an antenna is named twice");
  if (ports.some((port) => port > antennasMax))
    throw new Fault("reader.settings", `antenna ports of ${settings.driver} end at ${antennasMax}`);
  return settings;
};

export const settingsOf = (reader: CreateReader): ReaderSettings => ({
  driver: reader.driver,
  address: reader.address,
  antennas: reader.antennas ?? [],
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
