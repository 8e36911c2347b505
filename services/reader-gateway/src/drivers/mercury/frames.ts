import type { Framing, Look } from "../line/frame-search.ts";

/**
 * Frames of ThingMagic modules. To the module: FF, length, opcode, data, CRC. From it: FF, length, opcode, status (16 bits), data, CRC.
 *
 * Source: MercuryAPI serial_reader_l3.c, M5e user manual (which prints set-region as opcode 87; the CRC beside it proves 97).
 */
export const opcodes = {
  version: 0x03,
  bootFirmware: 0x04,
  currentProgram: 0x0c,
  readTags: 0x22,
  readData: 0x28,
  multiProtocol: 0x2f,
  getAntennas: 0x61,
  getReadPower: 0x62,
  getRegion: 0x67,
  temperature: 0x72,
  setAntennas: 0x91,
  setReadPower: 0x92,
  setProtocol: 0x93,
  setRegion: 0x97,
  setReaderOption: 0x9a,
  setProtocolOption: 0x9b,
} as const;

export type MercuryFrame = { readonly opcode: number; readonly status: number; readonly data: Buffer };

const head = 0xff;
const answerOverhead = 7;
/** No module sends more data in a frame than this. */
export const dataLengthMax = 248;

const nibbleTable = Uint16Array.from({ length: 16 }, (_, nibble) => nibble * 0x1021);

/** Not one of the catalogued CRC-16s: start FFFF, polynomial 1021, and the message is shifted in with no zero bits behind it. */
export const mercuryCrc = (bytes: Uint8Array, from: number, to: number): number => {
  let crc = 0xffff;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] as number;
    crc = (((crc << 4) | (byte >> 4)) & 0xffff) ^ (nibbleTable[crc >> 12] as number);
    crc = (((crc << 4) | (byte & 15)) & 0xffff) ^ (nibbleTable[crc >> 12] as number);
  }
  return crc;
};

export const encodeFrame = (opcode: number, data: readonly number[] = []): Buffer => {
  const frame = Buffer.from([head, data.length, opcode, ...data, 0, 0]);
  frame.writeUInt16BE(mercuryCrc(frame, 1, frame.length - 2), frame.length - 2);
  return frame;
};

const look = (bytes: Buffer, at: number): Look => {
  if (bytes[at] !== head) return { no: "no frame starts with this byte" };
  const left = bytes.length - at;
  if (left < 2) return "more";
  const length = bytes[at + 1] as number;
  if (length > dataLengthMax) return { no: `${length} bytes of data are too many` };
  const whole = length + answerOverhead;
  if (left < whole) return "more";
  const isWhole = bytes.readUInt16BE(at + whole - 2) === mercuryCrc(bytes, at + 1, at + whole - 2);
  return isWhole ? whole : { no: "wrong CRC" };
};

export const mercuryFraming: Framing<MercuryFrame> = {
  look,
  read: (bytes) => ({
    opcode: bytes[2] as number,
    status: bytes.readUInt16BE(3),
    data: bytes.subarray(5, -2),
  }),
};
