import type { FieldKind, Layout } from "./fields.ts";
import { frameLengthMax, headerLength } from "./message.ts";
import { messageTable } from "./message-table.ts";
import { parameterNameOf } from "./parameter.ts";

const tlvHeaderLength = 4;
/** Above this, a first byte is a TV parameter's or has bits set that the standard reserves: no message holds either. */
const tlvFirstByteMax = 3;

const bitsOf = (kind: FieldKind): number => {
  if (kind === "flag") return 1;
  const [, digits] = /^(?:u|s|bits|pad)(\d+)$/.exec(kind) ?? [];
  return digits === undefined ? Number.NaN : Number(digits);
};
const bytesOf = (layout: Layout): number =>
  Object.values(layout).reduce((sum, kind) => sum + bitsOf(kind), 0) / 8;

const messageTypes = 1024;
const unheardOf = -1;
/** A custom message's data has a shape that its maker alone knows. */
const shapeless = -2;

/** How many bytes of fields stand before a message's parameters, by message type. */
const fieldBytes = new Int16Array(messageTypes).fill(unheardOf);
for (const { type, layout } of Object.values(messageTable)) {
  const bytes = bytesOf(layout);
  fieldBytes[type] = Number.isNaN(bytes) ? shapeless : bytes;
}

/** Why no frame can start at `at`, or undefined when one can. There are {@link headerLength} bytes after it. */
export const headerFault = (bytes: Buffer, at: number): string | undefined => {
  const first = bytes.readUInt16BE(at);
  const version = (first >> 10) & 7;
  if (first >> 13 !== 0) return "reserved bits of the header are set";
  if (version !== 1 && version !== 2) return `version ${version} is not 1 or 2`;
  const length = bytes.readUInt32BE(at + 2);
  if (length < headerLength) return `length ${length} is shorter than a header`;
  if (length > frameLengthMax) return `length ${length} is over ${frameLengthMax}`;
  return undefined;
};

/** Whether the tables tell what the parameters of the frame at `at` must look like. */
export const hasKnownShape = (bytes: Buffer, at: number): boolean =>
  (fieldBytes[bytes.readUInt16BE(at) & 0x3ff] as number) >= 0;

/** The lengths of a frame contradict each other, so it is none. */
export const contradiction = -1;

export type WalkFrom = {
  /** Where the frame starts in `bytes`. */
  readonly at: number;
  /** What an earlier walk returned, or 0 for the first one. */
  readonly walked: number;
  /** Only parameters that the standard has. */
  readonly onlyKnown: boolean;
  readonly effort: WalkEffort;
};

/** What walks cost: how many parameters were looked at, and where the last of them stands in the bytes of that walk. */
export type WalkEffort = { parameters: number; lastAt: number };

/**
 * Walks along a frame's outermost parameters as far as its bytes have come. Returns how far it is from the frame's start to
 * the next parameter, which is the frame's length when they fill it; {@link contradiction} when they cannot.
 */
export const walkParameters = (bytes: Buffer, { at, walked, onlyKnown, effort }: WalkFrom): number => {
  const end = at + bytes.readUInt32BE(at + 2);
  const here = Math.min(end, bytes.length);
  const fields = fieldBytes[bytes.readUInt16BE(at) & 0x3ff] as number;
  let next = at + (walked > 0 ? walked : headerLength + fields);
  while (next + tlvHeaderLength <= here) {
    effort.parameters += 1;
    effort.lastAt = next;
    if ((bytes[next] as number) > tlvFirstByteMax) return contradiction;
    if (onlyKnown && parameterNameOf(bytes.readUInt16BE(next)) === undefined) return contradiction;
    const length = bytes.readUInt16BE(next + 2);
    if (length < tlvHeaderLength) return contradiction;
    next += length;
  }
  const isFull = next === end;
  return isFull || next + tlvHeaderLength <= end ? next - at : contradiction;
};
