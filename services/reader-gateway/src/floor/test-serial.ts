import {
  type LineReaderOptions,
  type M100ReaderOptions,
  type MercuryReaderOptions,
  startLineReader,
  startM100Reader,
  startMercuryReader,
  startTslReader,
  startUhfReader,
  type TagSource,
  type TslReaderOptions,
  type UhfReaderOptions,
} from "@tagwire/emulators";
import type { DriverName } from "@tagwire/messages";
import type { ReaderSettings } from "../store/readers.ts";

/* One reader of each serial family at a real pseudo-terminal. */

export const epc = "3034257BF7194E4000001A85";
export const world: TagSource = { sees: () => [{ epc, rssiDbm: -50 }] };

export type Metal = {
  readonly address: string;
  /** How it is set, as it tells; nothing of one that takes no commands. */
  readonly told: () => unknown;
  /** What it was told last; undefined of one that is told nothing when it is to stop. */
  readonly lastWord: () => unknown;
  readonly stop: () => Promise<void>;
};

export type SerialFamily = {
  readonly driver: DriverName;
  readonly plugIn: (seen?: TagSource) => Promise<Metal>;
  /** Everything that such a reader can be told, at a power, and what it then tells of itself. */
  readonly settings: (powerDbm: number) => Partial<ReaderSettings>;
  readonly told: (powerDbm: number) => unknown;
  readonly identity: { readonly model: string | null; readonly firmware: string | null };
  readonly lastWord: unknown;
};

const mercury = async (options: Partial<MercuryReaderOptions> = {}): Promise<Metal> => {
  const { path, settings, opcodes, stop } = await startMercuryReader({
    ...{ world, antennas: [1], beatMs: 20 },
    ...options,
  });
  return { address: path, told: settings, lastWord: () => opcodes().at(-1), stop };
};
const m100 = async (options: Partial<M100ReaderOptions> = {}): Promise<Metal> => {
  const { path, radio, powerCentiDbm, commands, stop } = await startM100Reader({
    world,
    antenna: 1,
    ...options,
  });
  const told = () => ({ ...radio(), powerCentiDbm: powerCentiDbm() });
  return { address: path, told, lastWord: () => commands().at(-1), stop };
};
const uhf = async (
  family: UhfReaderOptions["family"],
  options: Partial<UhfReaderOptions> = {},
): Promise<Metal> => {
  const { address, settings, stop } = await startUhfReader({ family, world, antennas: [1], ...options });
  return { address, told: settings, lastWord: () => undefined, stop };
};
const tsl = async (options: Partial<TslReaderOptions> = {}): Promise<Metal> => {
  const { address, settings, commands, stop } = await startTslReader({ world, antenna: 1, ...options });
  return { address, told: settings, lastWord: () => commands().at(-1), stop };
};
const lines = async (options: Partial<LineReaderOptions> = {}) => {
  const { address, say, stop } = await startLineReader({
    ...{ world, antennas: [1], format: "hex" },
    ...options,
  });
  return { address, say, told: () => undefined, lastWord: () => undefined, stop };
};

const at = (powerDbm: number) => ({ antennas: [{ port: 1, powerDbm }] });

export const serialFamilies: readonly SerialFamily[] = [
  {
    driver: "mercury",
    plugIn: (seen = world) => mercury({ world: seen }),
    settings: (powerDbm) => ({ ...at(powerDbm), region: "us", session: 2 }),
    told: (powerDbm) => ({ region: 1, session: 2, powerCentiDbm: powerDbm * 100 }),
    identity: { model: "M6e", firmware: "01.21.01.07 (2021-03-15)" },
    lastWord: 0x2f,
  },
  {
    driver: "m100",
    plugIn: (seen = world) => m100({ world: seen }),
    settings: (powerDbm) => ({ ...at(powerDbm), region: "us", session: 2 }),
    told: (powerDbm) => ({ region: 2, session: 2, powerCentiDbm: powerDbm * 100 }),
    identity: { model: "M100 26dBm V1.0", firmware: "V2.3.5" },
    lastWord: 0x28,
  },
  {
    driver: "uhf18",
    plugIn: (seen = world) => uhf(18, { world: seen }),
    settings: (powerDbm) => ({ ...at(powerDbm), region: "us" }),
    told: (powerDbm) => ({ channels: [0x31, 0x80], powerDbm }),
    identity: { model: "UHFReader18", firmware: "3.22" },
    lastWord: undefined,
  },
  {
    driver: "uhf288",
    plugIn: (seen = world) => uhf(288, { world: seen }),
    settings: (powerDbm) => ({ ...at(powerDbm), region: "us", session: 2 }),
    told: (powerDbm) => ({ channels: [0x31, 0x80], session: 2, powerDbm }),
    identity: { model: "UHFReader288", firmware: "3.22" },
    lastWord: undefined,
  },
  {
    driver: "tsl",
    plugIn: (seen = world) => tsl({ world: seen }),
    settings: (powerDbm) => ({ ...at(powerDbm), session: 2 }),
    told: (powerDbm) => ({ session: "s2", powerDbm }),
    identity: { model: "TSL 1128", firmware: "2.10.3 / 2.4.1" },
    lastWord: ".ab",
  },
  {
    driver: "lines",
    plugIn: (seen = world) => lines({ world: seen }),
    settings: () => ({}),
    told: () => undefined,
    identity: { model: null, firmware: null },
    lastWord: undefined,
  },
];
