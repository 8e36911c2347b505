import type { Framing, Look } from "../line/frame-search.ts";

/**
 * Frames of UHFReader18, UHFReader288 and their many names. To the reader: length, address, command, data, CRC. From it: length,
 * address, command, status, data, CRC. The length counts everything behind itself; the CRC is CRC-16/MCRF4XX, low byte first.
 *
 * Source: UHFReader18 user's manual 2.0, UR-series manual 1.14, wabson/chafon-rfid.
 */
export const commands = {
  refused: 0x00,
  inventory: 0x01,
  info: 0x21,
  region: 0x22,
  scanTime: 0x25,
  power: 0x2f,
  workMode18: 0x35,
  workMode288: 0x76,
  pushed: 0xee,
} as const;

export type UhfFrame = { readonly command: number; readonly status: number; readonly data: Buffer };

/** Every reader hears this address, whatever its own is. */
const everyAddress = 0xff;
const overhead = 6;
const lengthMin = 5;
/** The longest frame there can be, in bytes. */
export const frameLengthMax = 256;

const knownCommands: ReadonlySet<number> = new Set(Object.values(commands));
/** What a reader says of a command. There is no head byte, so whatever cannot be a frame has to be known as soon as possible. */
const knownStatuses: ReadonlySet<number> = new Set([
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x09, 0x0a, 0x0b, 0x0c, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x19, 0x1a,
  0x26, 0x28, 0x30, 0xee, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff,
]);

const crcTable = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >> 1 : (crc >> 1) ^ 0x8408;
  return crc;
});

export const uhfCrc = (bytes: Uint8Array, from: number, to: number): number => {
  let crc = 0xffff;
  for (let at = from; at < to; at += 1)
    crc = (crc >> 8) ^ (crcTable[(crc ^ (bytes[at] as number)) & 0xff] as number);
  return crc;
};

export const encodeFrame = (command: number, data: readonly number[] = []): Buffer => {
  const frame = Buffer.from([data.length + 4, everyAddress, command, ...data, 0, 0]);
  frame.writeUInt16LE(uhfCrc(frame, 0, frame.length - 2), frame.length - 2);
  return frame;
};

const look = (bytes: Buffer, at: number): Look => {
  const left = bytes.length - at;
  const length = bytes[at] as number;
  if (length < lengthMin) return { no: `no frame has ${length} bytes` };
  if (left > 2 && !knownCommands.has(bytes[at + 2] as number))
    return { no: "an answer to nothing that was asked" };
  if (left > 3 && !knownStatuses.has(bytes[at + 3] as number)) return { no: "a status that there is not" };
  if (left <= length) return "more";
  // A CRC over a whole frame with its own CRC is 0.
  return uhfCrc(bytes, at, at + length + 1) === 0 ? length + 1 : { no: "wrong CRC" };
};

export const uhfFraming: Framing<UhfFrame> = {
  look,
  read: (bytes) => ({
    command: bytes[2] as number,
    status: bytes[3] as number,
    data: bytes.subarray(overhead - 2, -2),
  }),
};
