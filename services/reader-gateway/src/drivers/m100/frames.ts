/**
 * Frames of MagicRF M100 modules: BB, type, command, length (16 bits), parameters, checksum, 7E.
 *
 * The checksum is the low byte of the sum from the type to the last parameter. Source: M100 communication user
 * protocol 2.1.
 */
export const frameTypes = { command: 0, answer: 1, notice: 2 } as const;

export const commands = {
  moduleInfo: 0x03,
  singlePoll: 0x22,
  multiPoll: 0x27,
  stop: 0x28,
  setPower: 0xb6,
  error: 0xff,
} as const;

export type M100Frame = { readonly type: number; readonly command: number; readonly parameters: Buffer };

const head = 0xbb;
const tail = 0x7e;
const overhead = 7;

/** The longest answer reads 64 words of a bank, behind an EPC of 62 bytes; nothing a module says comes near this. */
export const parameterLengthMax = 512;

const checksum = (bytes: Buffer, from: number, to: number): number => {
  let sum = 0;
  for (let at = from; at < to; at += 1) sum += bytes[at] as number;
  return sum & 0xff;
};

export const encodeFrame = (command: number, parameters: readonly number[] = []): Buffer => {
  const length = parameters.length;
  const frame = Buffer.from([
    head,
    frameTypes.command,
    command,
    length >> 8,
    length & 0xff,
    ...parameters,
    0,
    tail,
  ]);
  frame[frame.length - 2] = checksum(frame, 1, frame.length - 2);
  return frame;
};

export type ParserHost = {
  readonly frame: (frame: M100Frame) => void;
  /** Bytes in which no frame starts; `skipped` counts them, `bytes` are the first few. */
  readonly malformed: (reason: string, bytes: Uint8Array, skipped: number) => void;
};

const sampleMax = 64;
const runMax = 4096;

/** What stands at `at`: a whole frame of so many bytes, the beginning of one, or nothing that could be one. */
type Look = number | "more" | string;

const look = (bytes: Buffer, at: number): Look => {
  const left = bytes.length - at;
  if (bytes[at] !== head) return "no frame starts with this byte";
  if (left >= 2 && (bytes[at + 1] as number) > frameTypes.notice) return "unknown frame type";
  if (left < 5) return "more";
  const length = bytes.readUInt16BE(at + 3);
  if (length > parameterLengthMax) return `${length} bytes of parameters are too many`;
  const whole = length + overhead;
  if (left < whole) return "more";
  if (bytes[at + whole - 1] !== tail) return "a frame does not end where it should";
  if (bytes[at + whole - 2] !== checksum(bytes, at + 1, at + whole - 2)) return "wrong checksum";
  return whole;
};

/**
 * Finds frames in whatever the line brings.
 *
 * 7E and BB may stand inside parameters, so a frame ends where its length says, and counts only when its end and checksum
 * are right. When they are not, the search goes on one byte further: a good frame behind a broken one is never swallowed.
 * A length reserves nothing; at most one longest frame is held.
 */
export class M100Parser {
  readonly #host: ParserHost;
  #held: Buffer = Buffer.alloc(0);
  #sample: number[] = [];
  #run = 0;
  #reason = "";

  constructor(host: ParserHost) {
    this.#host = host;
  }

  /** True while a frame has begun that has not ended. */
  get isWaiting(): boolean {
    return this.#held.length > 0;
  }

  push(chunk: Uint8Array): void {
    this.#search(Buffer.concat([this.#held, chunk]));
  }

  /** The line has been silent: what has begun will not end any more. Frames that it had hidden are found. */
  silence(): void {
    while (this.#held.length > 0) {
      const [first] = this.#held;
      this.#skip("half a frame, then silence", first ?? 0);
      this.#search(this.#held.subarray(1));
    }
    this.#tell();
  }

  #search(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      const found = look(bytes, at);
      if (found === "more") break;
      if (typeof found === "string") {
        this.#skip(found, bytes[at] as number);
        at += 1;
        continue;
      }
      this.#tell();
      this.#host.frame({
        type: bytes[at + 1] as number,
        command: bytes[at + 2] as number,
        parameters: bytes.subarray(at + 5, at + found - 2),
      });
      at += found;
    }
    this.#held = Buffer.from(bytes.subarray(at));
  }

  #skip(reason: string, byte: number): void {
    if (this.#run === 0) this.#reason = reason;
    this.#run += 1;
    if (this.#sample.length < sampleMax) this.#sample.push(byte);
    if (this.#run >= runMax) this.#tell();
  }

  #tell(): void {
    if (this.#run === 0) return;
    this.#host.malformed(this.#reason, Uint8Array.from(this.#sample), this.#run);
    this.#run = 0;
    this.#sample = [];
  }
}

export type M100Tag = { readonly epc: string; readonly rssiDbm: number };

const rssiAndPcLength = 3;
const crcLength = 2;

/** Reads a tag notice: RSSI, PC, EPC, CRC. Undefined when it is too short to hold them. */
export const tagOf = ({ parameters }: M100Frame): M100Tag | undefined => {
  if (parameters.length < rssiAndPcLength + crcLength) return undefined;
  const epc = parameters.subarray(rssiAndPcLength, parameters.length - crcLength);
  return { epc: epc.toString("hex").toUpperCase(), rssiDbm: parameters.readInt8(0) };
};
