import { mercuryCrc } from "../mercury/frames.ts";
import { uhfCrc } from "../uhf/frames.ts";

/*
 * Check sums put right, so that a changed frame is looked into and not only refused.
 */

/** CRC-16 of a tag's PC and EPC, bit by bit. Source: ISO 18000-63, annex F. */
const tagCrc = (bytes: Buffer): number => {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ ((crc & 0x8000) === 0 ? 0 : 0x1021)) & 0xffff;
  }
  return crc ^ 0xffff;
};

const repairTag = (identity: Buffer): void => {
  if (identity.length >= 4) identity.writeUInt16BE(tagCrc(identity.subarray(0, -2)), identity.length - 2);
};

/** Goes from frame to frame: what begins none is stepped over. `mendAt` gives the length of the frame there, 0 where there is none. */
const eachFrame = (bytes: Buffer, mendAt: (rest: Buffer) => number): void => {
  for (let at = 0; at < bytes.length; ) at += mendAt(bytes.subarray(at)) || 1;
};

const m100Notice = 0x0222;

export const repairM100 = (bytes: Buffer): void =>
  eachFrame(bytes, (rest) => {
    if (rest[0] !== 0xbb || rest.length < 7) return 0;
    const whole = rest.readUInt16BE(3) + 7;
    if (whole > rest.length) return 0;
    if (rest.readUInt16BE(1) === m100Notice) repairTag(rest.subarray(6, whole - 2));
    rest[whole - 2] = rest.subarray(1, whole - 2).reduce((sum, byte) => sum + byte, 0) & 0xff;
    rest[whole - 1] = 0x7e;
    return whole;
  });

const mercuryRead = 0x22;
const identityLength = 16;

export const repairMercury = (bytes: Buffer): void =>
  eachFrame(bytes, (rest) => {
    const whole = (rest[1] ?? 0) + 7;
    if (rest[0] !== 0xff || whole > rest.length) return 0;
    // Most tags have an EPC of 96 bits, and it stands last.
    if (rest[2] === mercuryRead && whole > identityLength + 7)
      repairTag(rest.subarray(whole - 2 - identityLength, whole - 2));
    rest.writeUInt16BE(mercuryCrc(rest, 1, whole - 2), whole - 2);
    return whole;
  });

export const repairUhf = (bytes: Buffer): void =>
  eachFrame(bytes, (rest) => {
    const whole = (rest[0] ?? 0) + 1;
    if (whole < 6 || whole > rest.length) return 0;
    rest.writeUInt16LE(uhfCrc(rest, 0, whole - 2), whole - 2);
    return whole;
  });
