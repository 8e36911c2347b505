import { isIsoPc } from "@tagwire/epc";
import { isTagWhole } from "../gen2/tag-crc.ts";
import type { Framing, Look } from "../line/frame-search.ts";

/**
 * Frames of MagicRF M100 modules: BB, type, command, length (16 bits), parameters, checksum, 7E.
 *
 * The checksum is the low byte of the sum from the type to the last parameter. Source: M100 communication user
 * protocol 2.1.
 */
export const frameTypes = { command: 0, answer: 1, notice: 2 } as const;

export const commands = {
  moduleInfo: 0x03,
  setRegion: 0x07,
  setQuery: 0x0e,
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

const read = (bytes: Buffer): M100Frame => ({
  type: bytes[1] as number,
  command: bytes[2] as number,
  parameters: bytes.subarray(5, -2),
});

const look = (bytes: Buffer, at: number): Look => {
  const left = bytes.length - at;
  if (bytes[at] !== head) return { no: "no frame starts with this byte" };
  if (left >= 2 && (bytes[at + 1] as number) > frameTypes.notice) return { no: "unknown frame type" };
  if (left < 5) return "more";
  const length = bytes.readUInt16BE(at + 3);
  if (length > parameterLengthMax) return { no: `${length} bytes of parameters are too many` };
  const whole = length + overhead;
  if (left < whole) return "more";
  if (bytes[at + whole - 1] !== tail) return { no: "a frame does not end where it should" };
  if (bytes[at + whole - 2] !== checksum(bytes, at + 1, at + whole - 2)) return { no: "wrong checksum" };
  return pieced(read(bytes.subarray(at, at + whole))) ?? whole;
};

/** 7E and BB may stand inside parameters, so a frame ends where its length says, and counts only when its end and checksum are right. */
export const m100Framing: Framing<M100Frame> = { look, read };

export type M100Tag = { readonly epc: string; readonly rssiDbm: number; readonly isIso?: true };

const rssiAndPcLength = 3;
const crcLength = 2;
const wordLength = 2;

const rssiLength = 1;
const hasXpc = 0x0200;
const hasSecondXpc = 0x8000;

/** Bytes of XPC words that stand between a PC and its EPC: they are no part of the tag's name. */
const xpcLength = (pc: number, behind: Buffer): number => {
  if ((pc & hasXpc) === 0) return 0;
  const isSecond = behind.length >= wordLength && (behind.readUInt16BE(0) & hasSecondXpc) !== 0;
  return isSecond ? 2 * wordLength : wordLength;
};

/**
 * Reads a tag notice: RSSI, PC, XPC words where the PC announces them, EPC, CRC. Or why it is none: the frame's own check is a sum of 8 bits, so the tag's CRC has to agree,
 * unless XPC words are announced, of which it is not known whether the CRC covers them.
 */
export const tagOf = ({ parameters }: M100Frame): M100Tag | { readonly no: string } => {
  if (parameters.length < rssiAndPcLength + crcLength) return { no: "a tag notice is too short" };
  const pc = parameters.readUInt16BE(rssiLength);
  const isProvable = (pc & hasXpc) === 0;
  if (isProvable && !isTagWhole(parameters.subarray(rssiLength)))
    return { no: "a tag's EPC does not agree with its own CRC" };
  const behind = parameters.subarray(rssiAndPcLength, parameters.length - crcLength);
  const skipped = xpcLength(pc, behind);
  if (skipped > behind.length) return { no: "a tag notice ends inside its XPC" };
  return {
    epc: behind.subarray(skipped).toString("hex").toUpperCase(),
    rssiDbm: parameters.readInt8(0),
    ...(isIsoPc(pc) ? { isIso: true } : {}),
  };
};

/** Why what passed the frame's check is a tag's notice all the same that no module has said: most likely pieces of two. */
const pieced = (frame: M100Frame): { readonly no: string } | undefined => {
  if (frame.type !== frameTypes.notice || frame.command !== commands.singlePoll) return undefined;
  const tag = tagOf(frame);
  return "no" in tag ? tag : undefined;
};
