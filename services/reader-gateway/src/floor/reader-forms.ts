import { type DriverName, Fault, type ReaderRegion } from "@tagwire/messages";
import { impinjAddress } from "../drivers/impinj/address.ts";
import { impinjRegions } from "../drivers/impinj/regions.ts";
import { isDevicePath, type LineDefaults, lineAt } from "../drivers/line-address.ts";
import { linesDefaults } from "../drivers/lines.ts";
import { m100Regions } from "../drivers/m100/regions.ts";
import { mercuryRegions } from "../drivers/mercury/regions.ts";
import { networkAddress } from "../drivers/network-address.ts";
import { serialAddress } from "../drivers/serial-address.ts";
import { tslDefaults } from "../drivers/tsl.ts";
import { uhfRegions } from "../drivers/uhf/regions.ts";
import { uhfDefaults } from "../drivers/uhf.ts";

const baudRate = 115_200;
const llrpPort = 5084;

const isSerial = (address: string): void => {
  if (!isDevicePath(address))
    throw new Fault("reader.settings", `"${address}" is not a device path with optional ?baud=`);
  serialAddress(address, baudRate);
};

const isLine =
  (defaults: LineDefaults) =>
  (address: string): void =>
    void lineAt(address, defaults);

/** What the readers of a driver can be told besides its abilities, and what they never tell. */
export type Form = {
  readonly check: (address: string) => void;
  /** By region, how the driver says it to its readers. */
  readonly regions: Partial<Record<ReaderRegion, unknown>>;
  /** Whether it can be told to ask tags for their TID. */
  readonly asksTid?: boolean;
  /** Whether no read of it ever comes with a TID, however such a reader is set. */
  readonly tellsNoTid?: boolean;
};

const isNowhere = (why: string) => (): void => {
  throw new Fault("reader.settings", why);
};

/** By driver, how settings are checked that its readers can have. What they can have at all is in `readerAbilities`. */
export const forms: Record<DriverName, Form> = {
  llrp: { check: (address) => void networkAddress(address, llrpPort), regions: {}, asksTid: true },
  mercury: { check: isSerial, regions: mercuryRegions, asksTid: true },
  m100: { check: isSerial, regions: m100Regions, tellsNoTid: true },
  uhf18: { check: isLine(uhfDefaults), regions: uhfRegions, tellsNoTid: true },
  uhf288: { check: isLine(uhfDefaults), regions: uhfRegions, asksTid: true },
  tsl: { check: isLine(tslDefaults), regions: {} },
  lines: { check: isLine(linesDefaults), regions: {} },
  impinj: { check: (address) => void impinjAddress(address), regions: impinjRegions },
  zebra: { check: isNowhere("a zebra reader pushes by itself and has no address"), regions: {} },
  replay: {
    check: isNowhere("recordings are pushed to a replay reader, and it has no address"),
    regions: {},
  },
  training: {
    check: isNowhere("a training reader is none of metal and has no address"),
    regions: {},
    tellsNoTid: true,
  },
};
