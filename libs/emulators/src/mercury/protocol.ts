import { storedTag } from "../serial/gen2-crc.ts";

/**
 * The device's side of the ThingMagic frame: FF, length, opcode, status, data, CRC. Written apart from the driver's on purpose, so
 * that one cannot repeat the other's mistake. Source: MercuryAPI serial_reader_l3.c.
 */

/** Bit by bit: each bit of the message is shifted in at the low end; a one that falls out at the top brings the polynomial. */
const crcOf = (bytes: Iterable<number>): number => {
  let register = 0xffff;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      const fallen = register & 0x8000;
      register = ((register << 1) & 0xffff) | ((byte >> bit) & 1);
      if (fallen !== 0) register ^= 0x1021;
    }
  }
  return register;
};

export const mercuryFrame = (opcode: number, status: number, data: readonly number[] = []): Buffer => {
  const body = [data.length, opcode, status >> 8, status & 255, ...data];
  const crc = crcOf(body);
  return Buffer.from([0xff, ...body, crc >> 8, crc & 255]);
};

export type MercuryCommand = { readonly opcode: number; readonly data: Buffer };

/** Takes whole commands off the front of what has come; what does not begin one is thrown away. */
export const takeCommands = (
  heard: Buffer,
): { readonly commands: readonly MercuryCommand[]; readonly rest: Buffer } => {
  const commands: MercuryCommand[] = [];
  let rest = heard;
  for (;;) {
    const start = rest.indexOf(0xff);
    if (start < 0) return { commands, rest: Buffer.alloc(0) };
    rest = rest.subarray(start);
    const end = 3 + (rest[1] ?? 255);
    if (rest.length < end + 2) return { commands, rest };
    if (rest.readUInt16BE(end) !== crcOf(rest.subarray(1, end))) {
      rest = rest.subarray(1);
      continue;
    }
    commands.push({ opcode: rest.readUInt8(2), data: rest.subarray(3, end) });
    rest = rest.subarray(end + 2);
  }
};

export type EmbeddedRead = { readonly bank: number; readonly address: number; readonly words: number };

/** The read of a tag's memory within a continuous read, where the search flags announce one and its lengths are right. */
export const embeddedReadOf = (data: Buffer): EmbeddedRead | undefined => {
  const isAnnounced = data.length === 28 && (data.readUInt16BE(10) & 4) !== 0;
  if (!isAnnounced || data[7] !== 19 || data[16] !== 1 || data[17] !== 9 || data[18] !== 0x28)
    return undefined;
  return { bank: data.readUInt8(22), address: data.readUInt32BE(23), words: data.readUInt8(27) };
};

const bytesOf = (value: number, length: number): number[] =>
  Array.from({ length }, (_, at) => (value >>> (8 * (length - 1 - at))) & 255);

export type SaidTag = {
  readonly epc: string;
  readonly rssiDbm: number;
  readonly antenna: number;
  readonly cycleMs: number;
  /** What an embedded read of the tag's own memory brings, in hex. */
  readonly memory: { readonly hex: string } | "failed" | "not asked";
  /** An XPC word is announced, and with `isIso` that ISO defines what follows. */
  readonly hasXpc?: boolean;
  readonly isIso?: boolean;
};

/** Its length in bits; the top bit says that the read failed. */
const memoryField = (memory: SaidTag["memory"]): number[] => {
  if (memory === "not asked") return [0, 0];
  if (memory === "failed") return [0x80, 0];
  return [...bytesOf(memory.hex.length * 4, 2), ...Buffer.from(memory.hex, "hex")];
};

/** The fields of a record by the bit that asks for them, in the order in which they stand. */
const fields: readonly (readonly [number, (tag: SaidTag) => readonly number[]])[] = [
  [0x0001, () => [1]],
  [0x0002, ({ rssiDbm }) => [rssiDbm & 255]],
  [0x0004, ({ antenna }) => [(antenna << 4) | antenna]],
  [0x0008, () => bytesOf(866_300, 3)],
  [0x0010, ({ cycleMs }) => bytesOf(cycleMs, 4)],
  [0x0020, () => bytesOf(90, 2)],
  [0x0040, () => [5]],
  [0x0080, ({ memory }) => memoryField(memory)],
  [0x0100, () => [0x0f]],
];

const withXpc = ([high = 0, low = 0, ...rest]: readonly number[], isIso: boolean): number[] => [
  high | 2 | (isIso ? 1 : 0),
  ...[low, 0, 1],
  ...rest,
];

/** One tag of the stream, with the fields of `mask`. */
export const tagRecord = (tag: SaidTag, mask: number): Buffer => {
  const identity = tag.hasXpc === true ? withXpc(storedTag(tag.epc), tag.isIso === true) : storedTag(tag.epc);
  const said = fields.flatMap(([bit, field]) => ((mask & bit) === 0 ? [] : field(tag)));
  const record = [
    0x10,
    0,
    0x1b,
    mask >> 8,
    mask & 255,
    1,
    ...said,
    ...bytesOf(identity.length * 8, 2),
    ...identity,
  ];
  return mercuryFrame(0x22, 0, record);
};

export const temperatureRecord = (celsius: number): Buffer =>
  mercuryFrame(0x22, 0, [0, 3, 0x1b, 2, 0x82, 0, 0x82, 0, 1, celsius]);
