import { isLineEnd, isText, lineLengthMax } from "@tagwire/reader-lines";
import type { Framing, Look } from "./frame-search.ts";

/** A line ends with either sign, so CR LF is a line and a blank one. */
const look = (bytes: Buffer, at: number): Look => {
  const end = Math.min(bytes.length, at + lineLengthMax);
  for (let next = at; next < end; next += 1) {
    const byte = bytes[next] as number;
    if (isLineEnd(byte)) return next - at + 1;
    // No line can start before it and go beyond it.
    if (!isText(byte)) return { no: "no text", skip: next - at + 1 };
  }
  if (end - at < lineLengthMax) return "more";
  return { no: `no line is longer than ${lineLengthMax} bytes`, skip: lineLengthMax };
};

/** Lines of ASCII. There is no check sum: what garbage put before a line is lost with it, unless it is no text. */
export const textLines: Framing<string> = {
  look,
  read: (bytes) => bytes.toString("latin1", 0, bytes.length - 1).trim(),
  hidesNone: true,
  isBlank: (line) => line === "",
};
