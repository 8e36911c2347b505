import { readFileSync } from "node:fs";
import { sharedData } from "@tagwire/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { found, framingLaws } from "../line/test-framing.ts";
import { encodeFrame, frameLengthMax, uhfCrc, uhfFraming } from "./frames.ts";
import { form18, form288, readInventory } from "./tag-entries.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");

const frameOf = (command: number, status: number, data: Uint8Array): Buffer => {
  const frame = Buffer.from([data.length + 5, 0, command, status, ...data, 0, 0]);
  frame.writeUInt16LE(uhfCrc(frame, 0, frame.length - 2), frame.length - 2);
  return frame;
};

framingLaws({
  framing: uhfFraming,
  frame: fc
    .tuple(
      fc.constantFrom(0x01, 0x21, 0xee),
      fc.constantFrom(0, 1, 3, 0x26, 0xfb),
      fc.uint8Array({ maxLength: 60 }),
    )
    .map(([command, status, data]) => frameOf(command, status, data)),
  awkward: [0x05, 0x15, 0x01, 0x00, 0x03, 0xee, 0xff],
  longest: frameLengthMax,
});

const good = bytes("15 00 01 03 01 01 0C 30 39 60 63 03 C7 43 80 00 1A 05 59 40 F9 3E");

test.each([
  { what: "with a wrong CRC", broken: bytes("13 00 01 03 01 0C 00 00 00 00 00 00 00 00 00 00 03 13 B1 A6") },
  { what: "cut off", broken: good.subarray(0, 9) },
  { what: "with a length beyond what comes", broken: bytes("F0 00 01 03 01") },
  { what: "that answers nothing", broken: bytes("07 00 99 01 01 00 1E 4B") },
])("a frame $what costs only itself, though nothing marks where the next begins", ({ broken }) => {
  const { frames, skipped } = found(uhfFraming, [broken, good, good]);
  expect(frames).toEqual([good.toString("hex"), good.toString("hex")]);
  expect(skipped).toBe(broken.length);
});

const documented = sharedData("serial", "frames.csv");
if (documented === undefined) console.log("documented frames are not here: their tests are skipped");
const rows = (documented === undefined ? "" : readFileSync(documented, "utf8"))
  .split("\n")
  .map((line) => /^uhfreader,(h2r|r2h),([0-9A-F ]+),("[^"]*"|[^,]*),yes,/.exec(line))
  .flatMap((row) =>
    row === null ? [] : [{ direction: row[1], frame: bytes(row[2] ?? ""), meaning: row[3] ?? "" }],
  );

describe.skipIf(rows.length === 0)("documented frames", () => {
  test.each(rows)("$meaning", ({ direction, frame, meaning }) => {
    if (direction === "h2r") {
      expect(encodeFrame(frame.readUInt8(2), [...frame.subarray(3, -2)])).toEqual(frame);
      return;
    }
    expect(found(uhfFraming, [frame])).toMatchObject({ frames: [frame.toString("hex")], skipped: 0 });
    const { command, data } = uhfFraming.read(frame);
    if (command !== 0x01) return;
    const told = readInventory(data, meaning.includes("288") ? form288 : form18);
    const count = Number(/(\d) tags?$/.exec(meaning.replaceAll('"', ""))?.[1] ?? 1);
    expect("no" in told ? told.no : told.tags.length).toBe(count);
  });
});
