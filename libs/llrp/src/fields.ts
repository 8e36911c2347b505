/**
 * The kinds of field that LLRP's binary encoding knows, and how each is read and written.
 *
 * All numbers are big-endian. `flag`, `bitsN` and `padN` share bytes, most significant bit first; every other kind
 * starts on a byte. Arrays begin with a 16-bit count (of bits for `bitArray`, of bytes for text).
 */
export type FieldKind =
  | "u8"
  | "u16"
  | "u32"
  | "u64"
  | "s8"
  | "s16"
  | "flag"
  | "bits1"
  | "bits2"
  | `pad${number}`
  | "text"
  | "byteArray"
  | "u16Array"
  | "u32Array"
  | "bitArray"
  | "bytes12"
  | "rest";

/** Fields in their order on the wire. */
export type Layout = { readonly [field: string]: FieldKind };

/** A run of bits, the first one in the top bit of the first byte; the last byte is filled up with zeros. */
export type Bits = { readonly bitCount: number; readonly bytes: Uint8Array };

export type FieldValue = number | bigint | boolean | string | Uint8Array | readonly number[] | Bits;

type ValueOf<Kind> = Kind extends "flag"
  ? boolean
  : Kind extends "u64"
    ? bigint
    : Kind extends "text"
      ? string
      : Kind extends "byteArray" | "bytes12" | "rest"
        ? Uint8Array
        : Kind extends "u16Array" | "u32Array"
          ? readonly number[]
          : Kind extends "bitArray"
            ? Bits
            : number;

/** What a layout decodes to. Padding has no value. */
export type FieldsOf<L extends Layout> = {
  readonly [Field in keyof L as L[Field] extends `pad${number}` ? never : Field]: ValueOf<L[Field]>;
};

/** Bytes that do not follow the standard. The connection that carried them may go on: the next frame can be fine. */
export class MalformedFrame extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "MalformedFrame";
  }
}

const text = new TextDecoder();

/** Reads fields from `bytes`, never past `end`. */
export class FieldReader {
  readonly bytes: Buffer;
  readonly end: number;
  at: number;
  #bit = 0;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.end = end;
  }

  /** Moves past `count` bytes and returns where they start. */
  take(count: number): number {
    const start = this.at;
    if (start + count > this.end) throw new MalformedFrame(`${count} bytes wanted, ${this.end - start} left`);
    this.at = start + count;
    return start;
  }

  bits(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left -= 1) {
      const start = this.#bit === 0 ? this.take(1) : this.at - 1;
      value = (value << 1) | (((this.bytes[start] ?? 0) >> (7 - this.#bit)) & 1);
      this.#bit = (this.#bit + 1) % 8;
    }
    return value;
  }

  slice(count: number): Uint8Array {
    const start = this.take(count);
    return new Uint8Array(this.bytes.subarray(start, start + count));
  }

  count(): number {
    return this.bytes.readUInt16BE(this.take(2));
  }
}

const readBits = (reader: FieldReader): Bits => {
  const bitCount = reader.count();
  return { bitCount, bytes: reader.slice(Math.ceil(bitCount / 8)) };
};

const readKind = (reader: FieldReader, kind: Exclude<FieldKind, `pad${number}`>): FieldValue => {
  const { bytes } = reader;
  switch (kind) {
    case "u8":
      return bytes.readUInt8(reader.take(1));
    case "u16":
      return bytes.readUInt16BE(reader.take(2));
    case "u32":
      return bytes.readUInt32BE(reader.take(4));
    case "u64":
      return bytes.readBigUInt64BE(reader.take(8));
    case "s8":
      return bytes.readInt8(reader.take(1));
    case "s16":
      return bytes.readInt16BE(reader.take(2));
    case "flag":
      return reader.bits(1) === 1;
    case "bits1":
      return reader.bits(1);
    case "bits2":
      return reader.bits(2);
    case "text":
      return text.decode(reader.slice(reader.count()));
    case "byteArray":
      return reader.slice(reader.count());
    case "u16Array":
      return Array.from({ length: reader.count() }, () => bytes.readUInt16BE(reader.take(2)));
    case "u32Array":
      return Array.from({ length: reader.count() }, () => bytes.readUInt32BE(reader.take(4)));
    case "bitArray":
      return readBits(reader);
    case "bytes12":
      return reader.slice(12);
    case "rest":
      return reader.slice(reader.end - reader.at);
  }
};

const isPadding = (kind: FieldKind): kind is `pad${number}` => kind.startsWith("pad");
const paddingBits = (kind: `pad${number}`): number => Number(kind.slice(3));

/** Reads all fields of a layout. Throws {@link MalformedFrame} when the bytes end too early. */
export const readFields = (reader: FieldReader, layout: Layout): Record<string, FieldValue> => {
  const fields: Record<string, FieldValue> = {};
  for (const [name, kind] of Object.entries(layout)) {
    if (isPadding(kind)) reader.bits(paddingBits(kind));
    else fields[name] = readKind(reader, kind);
  }
  return fields;
};

/** Writes into a buffer that grows with what is written. */
export class FieldWriter {
  #bytes = Buffer.allocUnsafe(256);
  #bit = 0;
  at = 0;

  /** Makes room for `count` bytes, returns where they start. */
  room(count: number): number {
    const start = this.at;
    if (start + count > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, start + count));
      this.#bytes.copy(grown, 0, 0, start);
      this.#bytes = grown;
    }
    this.at = start + count;
    return start;
  }

  bits(count: number, value: number): void {
    for (let left = count; left > 0; left -= 1) {
      if (this.#bit === 0) this.#bytes[this.room(1)] = 0;
      const at = this.at - 1;
      this.#bytes[at] = (this.#bytes[at] ?? 0) | (((value >> (left - 1)) & 1) << (7 - this.#bit));
      this.#bit = (this.#bit + 1) % 8;
    }
  }

  u8(value: number): void {
    const start = this.room(1);
    this.#bytes.writeUInt8(value, start);
  }

  u16(value: number, at = this.room(2)): void {
    this.#bytes.writeUInt16BE(value, at);
  }

  u32(value: number, at = this.room(4)): void {
    this.#bytes.writeUInt32BE(value, at);
  }

  u64(value: bigint): void {
    const start = this.room(8);
    this.#bytes.writeBigUInt64BE(value, start);
  }

  raw(value: Uint8Array): void {
    const start = this.room(value.length);
    this.#bytes.set(value, start);
  }

  written(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.at));
  }
}

const isBits = (value: FieldValue): value is Bits => typeof value === "object" && "bitCount" in value;

const writeNumber = (writer: FieldWriter, kind: FieldKind, value: number): boolean => {
  if (kind === "u8") writer.u8(value);
  else if (kind === "s8") writer.u8(value & 0xff);
  else if (kind === "u16") writer.u16(value);
  else if (kind === "s16") writer.u16(value & 0xffff);
  else if (kind === "u32") writer.u32(value);
  else if (kind === "bits1") writer.bits(1, value);
  else if (kind === "bits2") writer.bits(2, value);
  else return false;
  return true;
};

const writeBytes = (writer: FieldWriter, kind: FieldKind, value: Uint8Array): boolean => {
  if (kind === "byteArray") writer.u16(value.length);
  else if (kind === "bytes12" && value.length !== 12) return false;
  else if (kind !== "bytes12" && kind !== "rest") return false;
  writer.raw(value);
  return true;
};

const writeArray = (writer: FieldWriter, kind: FieldKind, value: readonly number[]): boolean => {
  if (kind !== "u16Array" && kind !== "u32Array") return false;
  writer.u16(value.length);
  for (const one of value) kind === "u16Array" ? writer.u16(one) : writer.u32(one);
  return true;
};

const writeText = (writer: FieldWriter, value: string): boolean => {
  const bytes = Buffer.from(value);
  writer.u16(bytes.length);
  writer.raw(bytes);
  return true;
};

const writeBits = (writer: FieldWriter, value: Bits): boolean => {
  if (value.bytes.length !== Math.ceil(value.bitCount / 8)) return false;
  writer.u16(value.bitCount);
  writer.raw(value.bytes);
  return true;
};

const writeFlag = (writer: FieldWriter, value: boolean): boolean => {
  writer.bits(1, value ? 1 : 0);
  return true;
};

const writeCounter = (writer: FieldWriter, value: bigint): boolean => {
  writer.u64(value);
  return true;
};

const writeKind = (writer: FieldWriter, kind: FieldKind, value: FieldValue): boolean => {
  if (typeof value === "number") return writeNumber(writer, kind, value);
  if (typeof value === "boolean") return kind === "flag" && writeFlag(writer, value);
  if (typeof value === "bigint") return kind === "u64" && writeCounter(writer, value);
  if (typeof value === "string") return kind === "text" && writeText(writer, value);
  if (value instanceof Uint8Array) return writeBytes(writer, kind, value);
  if (isBits(value)) return kind === "bitArray" && writeBits(writer, value);
  return writeArray(writer, kind, value);
};

/** Writes all fields of a layout. A value that does not fit its kind is our own mistake and throws. */
export const writeFields = (
  writer: FieldWriter,
  layout: Layout,
  fields: Readonly<Record<string, FieldValue>>,
): void => {
  for (const [name, kind] of Object.entries(layout)) {
    if (isPadding(kind)) {
      writer.bits(paddingBits(kind), 0);
      continue;
    }
    const value = fields[name];
    if (value === undefined || !writeKind(writer, kind, value)) {
      throw new RangeError(`LLRP field ${name} wants a ${kind}`);
    }
  }
};
