import { lineLengthMax } from "@tagwire/reader-lines";
import fc from "fast-check";
import { expect, test } from "vitest";
import { tslLines } from "../tsl/framing.ts";
import { FrameSearch } from "./frame-search.ts";
import { framingLaws } from "./test-framing.ts";
import { textLines } from "./text-lines.ts";

framingLaws({
  framing: textLines,
  frame: fc
    .tuple(fc.stringMatching(/^[ -~]{0,60}$/), fc.constantFrom("\n", "\r"))
    .map(([text, end]) => Buffer.from(text + end, "latin1")),
  awkward: [0x0a, 0x0d, 0x00, 0x80, 0x41],
  longest: lineLengthMax,
});

framingLaws({
  framing: tslLines,
  frame: fc
    .tuple(fc.stringMatching(/^([A-Z]{2}: ?[ -~]{0,60})?$/), fc.constantFrom("\n", "\r"))
    .map(([text, end]) => Buffer.from(text + end, "latin1")),
  awkward: [0x0a, 0x0d, 0x00, 0x3a, 0x41],
  longest: lineLengthMax,
});

const linesOf = (stream: Buffer): string[] => {
  const lines: string[] = [];
  const search = new FrameSearch(textLines, { frame: (line) => lines.push(line), malformed: () => {} });
  search.push(stream);
  return lines.filter((line) => line !== "");
};

test("CR, LF and both end a line", () => {
  expect(linesOf(Buffer.from("a\nb\rc\r\nd"))).toEqual(["a", "b", "c"]);
});

test("bytes that are no text cost themselves and what stands before them in the line", () => {
  expect(linesOf(Buffer.from("A\u0000B\u00ffEP: 3034\r\n", "latin1"))).toEqual(["EP: 3034"]);
});

test("a line without end is let go in time that does not grow with it", () => {
  const endless = Buffer.alloc(256 * lineLengthMax, "A");
  expect(linesOf(Buffer.concat([endless, Buffer.from("\nEP: 3034\n")])).at(-1)).toBe("EP: 3034");
});
