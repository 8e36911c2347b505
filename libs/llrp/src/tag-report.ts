import { headerLength } from "./message.ts";

/**
 * One tag of a report, with what the report left out filled in from earlier ones. The reader reuses the object: take what
 * you need during the call. Times are in ms by the reader's own clock; `undefined` is what was never told.
 */
export type TagEntry = {
  /** Upper-case hex, one digit for each four bits begun; empty for an EPC of no bits. */
  epc: string;
  antenna: number | undefined;
  peakRssiDbm: number | undefined;
  seenCount: number | undefined;
  firstSeenUtcMs: number | undefined;
  lastSeenUtcMs: number | undefined;
  firstSeenUptimeMs: number | undefined;
  lastSeenUptimeMs: number | undefined;
  /** What a read operation found in the tag's memory, upper-case hex; undefined where none was done, or it failed. */
  readHex: string | undefined;
  /** The tag's protocol control word, where this entry tells it. */
  pc: number | undefined;
};

export type TagReportHost = {
  readonly tag: (entry: TagEntry) => void;
  /** One entry, or what follows it, does not follow the standard; the other entries are delivered all the same. */
  readonly malformed: (reason: string, bytes: Uint8Array) => void;
};

const tagReportData = 240;
const epcData = 241;
const readOpSpecResult = 349;
const readSucceeded = 0;
/** Bytes of a read's result before its words: header, result, the operation's number, how many words. */
const readResultLength = 9;

/** Bytes of each TV parameter including its type byte, by type number; 0 is unknown. Source: LLRP 1.1, section 17.2. */
const tvLengths = Uint8Array.of(0, 3, 9, 9, 9, 9, 2, 3, 3, 5, 3, 3, 3, 13, 3, 3, 5, 3, 5, 3, 3);

const hexDigits = Buffer.from("0123456789ABCDEF");
const hexScratch = Buffer.alloc(2 * (0xffff >> 3) + 2);

const hexOf = (bytes: Buffer, at: number, bitCount: number): string => {
  const digits = (bitCount + 3) >> 2;
  for (let index = 0; index < digits; index += 1) {
    const byte = bytes[at + (index >> 1)] as number;
    hexScratch[index] = hexDigits[(index & 1) === 0 ? byte >> 4 : byte & 15] as number;
  }
  const spare = digits * 4 - bitCount;
  if (spare > 0) {
    // The bits after the last one mean nothing; two readers may fill them differently for the same tag.
    const byte = bytes[at + ((digits - 1) >> 1)] as number;
    const nibble = (digits & 1) === 1 ? byte >> 4 : byte & 15;
    hexScratch[digits - 1] = hexDigits[(nibble >> spare) << spare] as number;
  }
  return hexScratch.toString("latin1", 0, digits);
};

const microsecondsToMs = (bytes: Buffer, at: number): number =>
  (bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4)) / 1000;

const sampleMax = 128;
const sample = (bytes: Buffer, start: number, end: number): Uint8Array =>
  Uint8Array.from(bytes.subarray(start, Math.min(end, start + sampleMax)));

/**
 * Reads the tags out of RO_ACCESS_REPORT frames without building a tree: about four times as fast, and nothing is left
 * to collect but the EPC's text.
 *
 * Only the EPC is mandatory in an entry. An optional parameter that the client asked for and that is absent equals the last
 * one of its type on this connection (LLRP 1.1, section 14.2.3): so there is one reader per connection, and it is thrown away
 * with it; what an operation found and the PC are of their own entry alone: of a tag that tells none
 * it is not known, and one that was taken for another's would stay wrong. Customs, results of other operations and unknown parameters are
 * stepped over.
 */
export class TagReportReader {
  readonly #entry: TagEntry = {
    epc: "",
    antenna: undefined,
    peakRssiDbm: undefined,
    seenCount: undefined,
    firstSeenUtcMs: undefined,
    lastSeenUtcMs: undefined,
    firstSeenUptimeMs: undefined,
    lastSeenUptimeMs: undefined,
    readHex: undefined,
    pc: undefined,
  };

  /** Reads a whole frame, header included. */
  read(frame: Buffer, host: TagReportHost): void {
    const end = frame.length;
    let at = headerLength;
    while (at < end) {
      const length = at + 4 <= end ? frame.readUInt16BE(at + 2) : 0;
      const isTlv = ((frame[at] as number) & 0x80) === 0;
      if (!isTlv || length < 4 || at + length > end) {
        host.malformed("the report's parameters do not fill it", sample(frame, at, end));
        return;
      }
      if ((frame.readUInt16BE(at) & 0x3ff) === tagReportData) this.#readEntry(frame, at, at + length, host);
      at += length;
    }
  }

  #readEntry(frame: Buffer, start: number, end: number, host: TagReportHost): void {
    const entry = this.#entry;
    let hasEpc = false;
    entry.readHex = undefined;
    entry.pc = undefined;
    let at = start + 4;
    while (at < end) {
      const first = frame[at] as number;
      if ((first & 0x80) !== 0) {
        const length = tvLengths[first & 0x7f] ?? 0;
        // An unknown TV parameter has no length, so the rest of this entry is out of reach; what came before counts.
        if (length === 0) break;
        if (at + length > end)
          return host.malformed("a tag report entry is cut off", sample(frame, start, end));
        hasEpc = this.#readTv(frame, at, first & 0x7f) || hasEpc;
        at += length;
        continue;
      }
      const length = at + 4 <= end ? frame.readUInt16BE(at + 2) : 0;
      if (length < 4 || at + length > end) {
        return host.malformed(
          "a parameter of a tag report entry has a wrong length",
          sample(frame, start, end),
        );
      }
      const type = frame.readUInt16BE(at) & 0x3ff;
      if (type === readOpSpecResult && length >= readResultLength && frame[at + 4] === readSucceeded) {
        const bitCount = frame.readUInt16BE(at + 7) * 16;
        if (readResultLength + (bitCount >> 3) > length) {
          return host.malformed("what was read is longer than its parameter", sample(frame, start, end));
        }
        if (bitCount > 0) entry.readHex = hexOf(frame, at + readResultLength, bitCount);
      } else if (type === epcData) {
        const bitCount = length >= 6 ? frame.readUInt16BE(at + 4) : -1;
        if (bitCount < 0 || 6 + ((bitCount + 7) >> 3) > length) {
          return host.malformed("an EPC is longer than its parameter", sample(frame, start, end));
        }
        entry.epc = hexOf(frame, at + 6, bitCount);
        hasEpc = true;
      }
      at += length;
    }
    if (!hasEpc) return host.malformed("a tag report entry has no EPC", sample(frame, start, end));
    host.tag(entry);
  }

  /** Takes one TV parameter into the entry; true when it was the EPC. */
  #readTv(frame: Buffer, at: number, type: number): boolean {
    const entry = this.#entry;
    switch (type) {
      case 1:
        entry.antenna = frame.readUInt16BE(at + 1);
        return false;
      case 2:
        entry.firstSeenUtcMs = microsecondsToMs(frame, at + 1);
        return false;
      case 3:
        entry.firstSeenUptimeMs = microsecondsToMs(frame, at + 1);
        return false;
      case 4:
        entry.lastSeenUtcMs = microsecondsToMs(frame, at + 1);
        return false;
      case 5:
        entry.lastSeenUptimeMs = microsecondsToMs(frame, at + 1);
        return false;
      case 6:
        entry.peakRssiDbm = frame.readInt8(at + 1);
        return false;
      case 8:
        entry.seenCount = frame.readUInt16BE(at + 1);
        return false;
      case 12:
        entry.pc = frame.readUInt16BE(at + 1);
        return false;
      case 13:
        entry.epc = hexOf(frame, at + 1, 96);
        return true;
      default:
        return false;
    }
  }
}
