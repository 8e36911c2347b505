import { encodeParameters, type Parameter, type ParameterOf, parameter } from "@tagwire/llrp";
import type { Random } from "../random.ts";
import type { SeenTag } from "../tag-source.ts";
import type { AiPlan, ContentSelector } from "./rospec-plan.ts";

/** A tag heard on one antenna since it was last reported. Times are Unix ms before the reader's clock error. */
export type HeardTag = {
  readonly epc: string;
  readonly antenna: number;
  readonly roSpecId: number;
  readonly specIndex: number;
  readonly inventoryParameterSpecId: number;
  readonly firstSeenMs: number;
  lastSeenMs: number;
  peakRssiDbm: number;
  seenCount: number;
};

const seenCountMax = 0xffff;

/** Merges a sighting into what was heard before: first seen stays, peak is the strongest, the count adds up. */
export const hear = (
  heard: Map<string, HeardTag>,
  tag: SeenTag,
  at: { readonly antenna: number; readonly ms: number; readonly roSpecId: number; readonly ai: AiPlan },
): void => {
  const key = `${at.antenna}/${tag.epc}`;
  const before = heard.get(key);
  if (before !== undefined) {
    before.lastSeenMs = at.ms;
    before.peakRssiDbm = Math.max(before.peakRssiDbm, tag.rssiDbm);
    before.seenCount = Math.min(before.seenCount + 1, seenCountMax);
    return;
  }
  heard.set(key, {
    epc: tag.epc,
    antenna: at.antenna,
    roSpecId: at.roSpecId,
    specIndex: at.ai.specIndex,
    inventoryParameterSpecId: at.ai.inventoryParameterSpecId,
    firstSeenMs: at.ms,
    lastSeenMs: at.ms,
    peakRssiDbm: tag.rssiDbm,
    seenCount: 1,
  });
};

const epcParameter = (epc: string): Parameter => {
  const bytes = Uint8Array.from(Buffer.from(epc.length % 2 === 0 ? epc : `${epc}0`, "hex"));
  const bitCount = epc.length * 4;
  return bitCount === 96
    ? parameter("EPC96", { epc: bytes })
    : parameter("EPCData", { epc: { bitCount, bytes } });
};

/** Puts a reader's clock on a Unix time: its error, or its time since power-up. */
export type ReaderClock = { readonly isUptime: boolean; readonly microseconds: (unixMs: number) => bigint };

const timestamps = (tag: HeardTag, content: ContentSelector, clock: ReaderClock): Parameter[] => {
  const first = clock.isUptime ? "FirstSeenTimestampUptime" : "FirstSeenTimestampUTC";
  const last = clock.isUptime ? "LastSeenTimestampUptime" : "LastSeenTimestampUTC";
  return [
    ...(content.firstSeen ? [parameter(first, { microseconds: clock.microseconds(tag.firstSeenMs) })] : []),
    ...(content.lastSeen ? [parameter(last, { microseconds: clock.microseconds(tag.lastSeenMs) })] : []),
  ];
};

const optionalParameters = (tag: HeardTag, content: ContentSelector, clock: ReaderClock): Parameter[] => {
  const dbm = Math.max(-128, Math.min(127, Math.round(tag.peakRssiDbm)));
  // Protocol control: the EPC's length in words, nothing else known of the tag.
  const pcBits = (Math.ceil(tag.epc.length / 4) & 31) << 11;
  return [
    ...(content.roSpecId ? [parameter("ROSpecID", { roSpecId: tag.roSpecId })] : []),
    ...(content.specIndex ? [parameter("SpecIndex", { specIndex: tag.specIndex })] : []),
    ...(content.inventoryParameterSpecId
      ? [parameter("InventoryParameterSpecID", { inventoryParameterSpecId: tag.inventoryParameterSpecId })]
      : []),
    ...(content.antennaId ? [parameter("AntennaID", { antennaId: tag.antenna })] : []),
    ...(content.peakRssi ? [parameter("PeakRSSI", { dbm })] : []),
    ...(content.channelIndex
      ? [parameter("ChannelIndex", { channelIndex: 1 + (tag.firstSeenMs % 50) })]
      : []),
    ...timestamps(tag, content, clock),
    ...(content.tagSeenCount ? [parameter("TagSeenCount", { tagCount: tag.seenCount })] : []),
    ...(content.pcBits ? [parameter("C1G2PC", { pcBits })] : []),
    ...(content.accessSpecId ? [parameter("AccessSpecID", { accessSpecId: 0 })] : []),
  ];
};

/** Results of a read operation. Source: LLRP 1.1, C1G2ReadOpSpecResult. */
const results = { success: 0, noResponse: 2, memoryOverrun: 4 } as const;
const tidBank = 2;
const wordHexDigits = 4;

/** What a tag answers to a read of its memory: of its TID, as far as it has one, and of nothing else. */
export const readResult = (read: ParameterOf<"C1G2Read">, tid: string | undefined): Parameter => {
  const { opSpecId, memoryBank, wordPointer, wordCount } = read.fields;
  const hex = memoryBank === tidBank ? tid : undefined;
  const end = (wordPointer + wordCount) * wordHexDigits;
  if (hex === undefined || hex.length < end) {
    const result = hex === undefined ? results.noResponse : results.memoryOverrun;
    return parameter("C1G2ReadOpSpecResult", { result, opSpecId, words: [] });
  }
  const words = Array.from({ length: wordCount }, (_, index) => {
    const at = (wordPointer + index) * wordHexDigits;
    return Number.parseInt(hex.slice(at, at + wordHexDigits), 16);
  });
  return parameter("C1G2ReadOpSpecResult", { result: results.success, opSpecId, words });
};

/**
 * Writes report entries for one connection. With `omit`, an optional parameter equal to the last one of its type is left
 * out half of the time, which the standard allows and a client has to fill in again.
 */
export class EntryWriter {
  readonly #random: Random;
  readonly #omit: boolean;
  readonly #last = new Map<string, string>();

  constructor(random: Random, omit: boolean) {
    this.#random = random;
    this.#omit = omit;
  }

  /** An entry, with what an operation found of the tag where there is one. */
  entry(tag: HeardTag, content: ContentSelector, clock: ReaderClock, found?: Parameter): Parameter {
    const optional = optionalParameters(tag, content, clock).filter((one) => this.#isSent(one));
    const results = found === undefined ? [] : [found];
    return parameter("TagReportData", {}, [epcParameter(tag.epc), ...optional, ...results]);
  }

  #isSent(one: Parameter): boolean {
    if (!this.#omit) return true;
    const bytes = encodeParameters([one]).toString("hex");
    const isRepeated = this.#last.get(one.name) === bytes;
    this.#last.set(one.name, bytes);
    return !isRepeated || this.#random.chance(0.5);
  }
}
