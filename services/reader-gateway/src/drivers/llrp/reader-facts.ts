import { findParameter, findParameters, type Parameter } from "@tagwire/llrp";
import { Fault } from "@tagwire/messages";
import type { AntennaSettings } from "../driver.ts";

export type PowerLevel = { readonly index: number; readonly centiDbm: number };
export type Channel = { readonly hopTableId: number; readonly channelIndex: number };

/** What a reader says that it is and can do. */
export type ReaderFacts = {
  readonly model: string;
  readonly firmware: string;
  readonly antennas: number;
  readonly powerLevels: readonly PowerLevel[];
  readonly channel: Channel;
  /** It tells something that LLRP 1.0.1 has no words for. */
  readonly knowsVersion2: boolean;
};

/** IANA private enterprise numbers of makers seen in published captures. */
const makers: Readonly<Record<number, string>> = { 25882: "Impinj" };

const channelOf = (band: readonly Parameter[]): Channel => {
  const frequencies = findParameter(band, "FrequencyInformation");
  const hopTable = findParameter(frequencies?.nested ?? [], "FrequencyHopTable");
  const isHopping = frequencies?.fields.hopping ?? false;
  return isHopping
    ? { hopTableId: hopTable?.fields.hopTableId ?? 1, channelIndex: 0 }
    : { hopTableId: 0, channelIndex: 1 };
};

/** Reads GET_READER_CAPABILITIES_RESPONSE. Undefined when the reader does not say what it is. */
export const readerFacts = (capabilities: readonly Parameter[]): ReaderFacts | undefined => {
  const device = findParameter(capabilities, "GeneralDeviceCapabilities");
  if (device === undefined) return undefined;
  const general = device.fields;
  const regulatory = findParameter(capabilities, "RegulatoryCapabilities");
  const band = findParameter(regulatory?.nested ?? [], "UHFBandCapabilities")?.nested ?? [];
  const maker = makers[general.manufacturer] ?? `maker ${general.manufacturer}`;
  return {
    model: `${maker} ${general.model}`,
    firmware: general.firmware,
    antennas: general.maxAntennas,
    powerLevels: findParameters(band, "TransmitPowerLevelTableEntry").map(({ fields }) => fields),
    channel: channelOf(band),
    knowsVersion2:
      findParameter(device.nested, "MaximumReceiveSensitivity") !== undefined ||
      findParameter(band, "RFSurveyFrequencyCapabilities") !== undefined,
  };
};

/** What is left to go by when a reader does not tell. */
export const unknownFacts: Pick<ReaderFacts, "powerLevels" | "channel"> = {
  powerLevels: [],
  channel: { hopTableId: 1, channelIndex: 0 },
};

/** The channel that each antenna is set to. What the reader chose itself is the one thing it surely accepts. */
export const channelsOf = (config: readonly Parameter[]): ReadonlyMap<number, Channel> =>
  new Map(
    findParameters(config, "AntennaConfiguration").flatMap(({ fields, nested }) => {
      const transmitter = findParameter(nested, "RFTransmitter")?.fields;
      return transmitter === undefined ? [] : [[fields.antennaId, transmitter] as const];
    }),
  );

/** The index of the strongest level that is not over the wanted power. Throws `reader.settings` when there is none. */
export const powerIndexFor = (
  levels: readonly PowerLevel[],
  antenna: AntennaSettings,
  wantedDbm: number,
): number => {
  const wanted = Math.round(wantedDbm * 100);
  const allowed = levels.filter(({ centiDbm }) => centiDbm <= wanted);
  const best = allowed.reduce<PowerLevel | undefined>(
    (most, one) => (most === undefined || one.centiDbm > most.centiDbm ? one : most),
    undefined,
  );
  if (best !== undefined) return best.index;
  const least = Math.min(...levels.map(({ centiDbm }) => centiDbm)) / 100;
  const range =
    levels.length === 0 ? "the reader lists no power levels" : `the reader's least is ${least} dBm`;
  throw new Fault("reader.settings", `antenna ${antenna.port}: ${wantedDbm} dBm is wanted, ${range}`);
};

/** Throws `reader.settings` for a port that the reader does not have. */
export const checkAntennas = (facts: ReaderFacts, antennas: readonly AntennaSettings[]): void => {
  const beyond = antennas.find(({ port }) => port < 1 || port > facts.antennas);
  if (beyond === undefined) return;
  throw new Fault("reader.settings", `antenna ${beyond.port}: the reader has ${facts.antennas}`);
};
