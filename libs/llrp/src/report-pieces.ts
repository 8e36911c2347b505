import { headerLength } from "./message.ts";

const tlvHeaderLength = 4;
const lengthAt = 2;

/** A frame of its own with this frame's header and what stands from one place of it to another. */
const pieceOf = (frame: Buffer, from: number, to: number): Buffer => {
  const piece = Buffer.concat([frame.subarray(0, headerLength), frame.subarray(from, to)]);
  piece.writeUInt32BE(piece.length, lengthAt);
  return piece;
};

/**
 * A report as several of at most so many entries, which say the same one after the other; a short one is given as it is. A reader may
 * report as many tags as it likes in one frame, and whoever hears them wants to do something else in between.
 */
export const reportPieces = (frame: Buffer, entriesMax: number): readonly Buffer[] => {
  const pieces: Buffer[] = [];
  let from = headerLength;
  let entries = 0;
  for (let at = headerLength; at + tlvHeaderLength <= frame.length; ) {
    const length = frame.readUInt16BE(at + lengthAt);
    // Whoever reads the last piece tells what is wrong with it.
    if (length < tlvHeaderLength) break;
    if (entries === entriesMax) {
      pieces.push(pieceOf(frame, from, at));
      from = at;
      entries = 0;
    }
    entries += 1;
    at += length;
  }
  return pieces.length === 0 ? [frame] : [...pieces, pieceOf(frame, from, frame.length)];
};
