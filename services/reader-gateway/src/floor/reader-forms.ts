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
import { uhf18, uhf288 } from "../drivers/uhf/setup.ts";
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

/** What the readers of a driver can be told, and what they never tell. */
export type Form = {
  readonly check: (address: string) => void;
  readonly antennasMax: number;
  readonly regions: Partial<Record<ReaderRegion, unknown>>;
  readonly hasSession: boolean;
  /** Whether such a reader may come to us instead of being called: then it has no address. */
  readonly mayPush?: boolean;
  /** Whether it asks who we are. */
  readonly hasLogin?: boolean;
  /** Whether it can be told to ask tags for their TID. */
  readonly asksTid?: boolean;
  /** Whether no read of it ever comes with a TID, however such a reader is set. */
  readonly tellsNoTid?: boolean;
};

const isNowhere = (why: string) => (): void => {
  throw new Fault("reader.settings", why);
};

/** By driver, what settings its readers can have. */
export const forms: Record<DriverName, Form> = {
  llrp: {
    check: (address) => void networkAddress(address, llrpPort),
    antennasMax: 64,
    regions: {},
    hasSession: true,
    asksTid: true,
  },
  mercury: {
    check: isSerial,
    antennasMax: 15,
    regions: mercuryRegions,
    hasSession: true,
    asksTid: true,
  },
  m100: { check: isSerial, antennasMax: 1, regions: m100Regions, hasSession: true, tellsNoTid: true },
  uhf18: {
    check: isLine(uhfDefaults),
    antennasMax: uhf18.antennasMax,
    regions: uhfRegions,
    hasSession: false,
    tellsNoTid: true,
  },
  uhf288: {
    check: isLine(uhfDefaults),
    antennasMax: uhf288.antennasMax,
    regions: uhfRegions,
    hasSession: true,
    asksTid: true,
  },
  tsl: { check: isLine(tslDefaults), antennasMax: 1, regions: {}, hasSession: true },
  lines: { check: isLine(linesDefaults), antennasMax: 64, regions: {}, hasSession: false },
  impinj: {
    check: (address) => void impinjAddress(address),
    antennasMax: 64,
    regions: impinjRegions,
    hasSession: true,
    mayPush: true,
    hasLogin: true,
  },
  zebra: {
    check: isNowhere("a zebra reader pushes by itself and has no address"),
    antennasMax: 64,
    regions: {},
    hasSession: false,
    mayPush: true,
  },
  replay: {
    check: isNowhere("recordings are pushed to a replay reader, and it has no address"),
    antennasMax: 64,
    regions: {},
    hasSession: false,
    mayPush: true,
  },
  training: {
    check: isNowhere("a training reader is none of metal and has no address"),
    antennasMax: 64,
    regions: {},
    hasSession: false,
    mayPush: true,
    tellsNoTid: true,
  },
};
