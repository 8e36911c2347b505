import type { Framing } from "../line/frame-search.ts";
import { type MercuryFrame, mercuryFraming, opcodes } from "./frames.ts";
import { status } from "./status.ts";
import { type MercuryTag, readTagRecord, type Unreadable } from "./tag-record.ts";

/** What a frame of a running read says. */
export type Heard =
  | { readonly kind: "tag"; readonly tag: MercuryTag }
  | { readonly kind: "temperature"; readonly celsius: number }
  /** Once a second, with how the module is. */
  | { readonly kind: "alive"; readonly status: number }
  | { readonly kind: "ended" }
  | { readonly kind: "answer" }
  | ({ readonly kind: "unreadable" } & Unreadable);

const responseTypes = { end: 0, tag: 1, status: 2 } as const;
/** Option (1 byte) and search flags (2) stand first, a metadata mask (2) only when the option says so, then the type of the response. */
const maskAt = 3;
const withMetadata = 0x10;

/** Reads one frame of the stream. Pure; nothing is thrown whatever the frame holds. */
export const heardOf = (frame: MercuryFrame): Heard => {
  const { opcode, data } = frame;
  if (opcode === opcodes.multiProtocol && data[0] === 2) return { kind: "ended" };
  if (opcode !== opcodes.readTags) return { kind: "answer" };
  if (data.length === 0) return { kind: "alive", status: frame.status };
  if (frame.status !== status.ok && frame.status !== status.noTags)
    return { kind: "alive", status: frame.status };
  const hasMask = ((data[0] as number) & withMetadata) !== 0;
  const typeAt = hasMask ? maskAt + 2 : maskAt;
  const type = data[typeAt];
  if (type === undefined) return { kind: "unreadable", no: "a stream record is too short" };
  if (type === responseTypes.end) return { kind: "alive", status: frame.status };
  if (type === responseTypes.status) return { kind: "temperature", celsius: data.readInt8(data.length - 1) };
  if (type !== responseTypes.tag) return { kind: "unreadable", no: `a stream record of type ${type}` };
  if (!hasMask) return { kind: "unreadable", no: "a tag record without metadata" };
  const tag = readTagRecord(data.subarray(typeAt + 1), data.readUInt16BE(maskAt));
  return "no" in tag ? { kind: "unreadable", no: tag.no } : { kind: "tag", tag };
};

/**
 * The frames of a module with what they say held against itself: pieces of two frames may pass the frame's check, and the whole frame
 * that stands in their second half is found only when they are not taken for one.
 */
export const streamFraming: Framing<MercuryFrame> = {
  look: (bytes, at) => {
    const found = mercuryFraming.look(bytes, at);
    if (typeof found !== "number") return found;
    const heard = heardOf(mercuryFraming.read(bytes.subarray(at, at + found)));
    return heard.kind === "unreadable" ? { no: heard.no } : found;
  },
  read: mercuryFraming.read,
};
