import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonLines } from "./lines.ts";

const text = '{"a":"ä€"}\r\n\r\n{"b":2}\n  \n[3]\n';
const whole = ['{"a":"ä€"}', '{"b":2}', "[3]"];

test("lines are the same wherever the stream is cut", () => {
  const bytes = Buffer.from(text);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
      const lines = new JsonLines(64);
      const ends = [...cuts, bytes.length].sort((left, right) => left - right);
      const pieces = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
      expect(pieces.flatMap((piece) => lines.push(piece))).toEqual(whole);
    }),
  );
});

test("a line that is too long is told, and costs nothing but itself", () => {
  const lines = new JsonLines(8);
  expect(lines.push(Buffer.from("[1]\n0123"))).toEqual(["[1]"]);
  expect(lines.push(Buffer.from("456789"))).toEqual([]);
  expect(lines.push(Buffer.from("still it\n[2]\n12345678\n"))).toEqual([undefined, "[2]", "12345678"]);
});

test("a chunk whose memory is used again changes nothing", () => {
  const lines = new JsonLines(64);
  const chunk = Buffer.from('{"a"');
  lines.push(chunk);
  chunk.fill(0);
  expect(lines.push(Buffer.from(":1}\n"))).toEqual(['{"a":1}']);
});
