import { isTagWhole } from "../gen2/tag-crc.ts";
import { ByteReader } from "./byte-reader.ts";

/** Which fields stand in a tag record, in this order. Source: tm_reader.h, tmr_tag_data.h of MercuryAPI 1.37. */
export const metadata = {
  readCount: 0x0001,
  rssi: 0x0002,
  antenna: 0x0004,
  frequency: 0x0008,
  timestamp: 0x0010,
  phase: 0x0020,
  protocol: 0x0040,
  data: 0x0080,
  gpio: 0x0100,
  gen2Q: 0x0200,
  gen2LinkFrequency: 0x0400,
  gen2Target: 0x0800,
  brand: 0x1000,
} as const;

export type MetadataField = keyof typeof metadata;

/** Sizes in bytes; embedded data tells its own. */
const sizes: Readonly<Record<Exclude<MetadataField, "data">, number>> = {
  readCount: 1,
  rssi: 1,
  antenna: 1,
  frequency: 3,
  timestamp: 4,
  phase: 2,
  protocol: 1,
  gpio: 1,
  gen2Q: 1,
  gen2LinkFrequency: 1,
  gen2Target: 1,
  brand: 2,
};
const fields = Object.entries(metadata) as [MetadataField, number][];
const knownMask = fields.reduce((mask, [, bit]) => mask | bit, 0);

/** What an embedded operation brought with the tag; `hex` is undefined when the operation failed. */
export type EmbeddedData = { readonly hex: string | undefined };

export type MercuryTag = {
  /** Upper-case hex without PC, XPC and CRC. */
  readonly epc: string;
  readonly protocolControl: number;
  readonly count: number;
  readonly rssiDbm: number | null;
  /** The port it was sent from; undefined when the record does not say. */
  readonly antenna: number | undefined;
  readonly frequencyKhz: number | undefined;
  /** Degrees, 0 to 180. */
  readonly phase: number | undefined;
  readonly embedded: EmbeddedData | undefined;
};

/** Why bytes are no tag record. */
export type Unreadable = { readonly no: string };

const embeddedFailed = 0x8000;
const hasXpc = 0x0200;
const hasSecondXpc = 0x8000;
const crcLength = 2;
const wordBits = 16;

const takeEmbedded = (reader: ByteReader): EmbeddedData | undefined => {
  const length = reader.number(2);
  if (length === undefined) return undefined;
  const bytes = reader.take(Math.ceil((length & ~embeddedFailed) / 8));
  if (bytes === undefined) return undefined;
  const isEmpty = bytes.length === 0 || (length & embeddedFailed) !== 0;
  return { hex: isEmpty ? undefined : bytes.toString("hex").toUpperCase() };
};

type Identity = Pick<MercuryTag, "epc" | "protocolControl">;

/** PC, XPC words when the PC announces them, EPC, CRC: all of them are in the length, which counts bits. */
const takeIdentity = (reader: ByteReader): Identity | Unreadable => {
  const bits = reader.number(2);
  if (bits === undefined) return { no: "a tag record ends before its EPC" };
  if (bits % wordBits !== 0 || bits < 2 * wordBits) return { no: `an EPC of ${bits} bits with PC and CRC` };
  const bytes = reader.take(bits / 8);
  if (bytes === undefined) return { no: "a tag record ends inside its EPC" };
  const inner = new ByteReader(bytes.subarray(0, -crcLength));
  const protocolControl = inner.number(2) ?? 0;
  // Whether a tag's CRC covers its XPC words is not known of every module, so there it proves nothing.
  const isProvable = (protocolControl & hasXpc) === 0;
  if (isProvable && !isTagWhole(bytes)) return { no: "a tag's EPC does not agree with its own CRC" };
  const xpc = isProvable ? 0 : inner.number(2);
  if (xpc === undefined) return { no: "a tag record ends inside its XPC" };
  if ((xpc & hasSecondXpc) !== 0 && inner.number(2) === undefined)
    return { no: "a tag record ends inside its second XPC" };
  const epc = inner.take(inner.left)?.toString("hex").toUpperCase() ?? "";
  return { epc, protocolControl };
};

/** Reads the fields that `mask` names and the tag behind them. Pure; nothing is thrown whatever the bytes are. */
export const readTagRecord = (bytes: Buffer, mask: number): MercuryTag | Unreadable => {
  if ((mask & ~knownMask) !== 0) return { no: `metadata ${mask.toString(16)} has fields of unknown length` };
  const reader = new ByteReader(bytes);
  const numbers = new Map<MetadataField, number>();
  let embedded: EmbeddedData | undefined;
  for (const [field, bit] of fields) {
    if ((mask & bit) === 0) continue;
    const value = field === "data" ? takeEmbedded(reader) : reader.number(sizes[field]);
    if (value === undefined) return { no: `a tag record ends before its ${field}` };
    if (typeof value === "object") embedded = value;
    else numbers.set(field, value);
  }
  const identity = takeIdentity(reader);
  if ("no" in identity) return identity;
  const rssi = numbers.get("rssi");
  const antenna = numbers.get("antenna");
  return {
    ...identity,
    count: Math.max(1, numbers.get("readCount") ?? 1),
    rssiDbm: rssi === undefined ? null : (rssi << 24) >> 24,
    antenna: antenna === undefined ? undefined : antenna >> 4,
    frequencyKhz: numbers.get("frequency"),
    phase: numbers.get("phase"),
    embedded,
  };
};
