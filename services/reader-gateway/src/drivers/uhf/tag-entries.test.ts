import fc from "fast-check";
import { expect, test } from "vitest";
import { form18, form288, readInventory, readPushed } from "./tag-entries.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");
const epc = "3039606303C74380001A0559";
const tid = "E2801160600002076A8B0A1C";

test("a 288 tells antenna and strength, an 18 neither", () => {
  expect(readInventory(bytes(`04 01 0C ${epc} 40`), form288)).toEqual({
    tags: [{ epc, tid: undefined, antenna: 3, rssiRaw: 0x40 }],
  });
  expect(readInventory(bytes(`02 0C ${epc} 04 3230386D`), form18)).toEqual({
    tags: [
      { epc, tid: undefined, antenna: undefined, rssiRaw: undefined },
      { epc: "3230386D", tid: undefined, antenna: undefined, rssiRaw: undefined },
    ],
  });
});

test("with FastID the TID stands behind the EPC, and is not of it", () => {
  expect(readInventory(bytes(`01 01 98 ${epc} ${tid} 40`), form288)).toMatchObject({ tags: [{ epc, tid }] });
});

test("a reader in its active mode pushes one tag", () => {
  expect(readPushed(bytes(`02 0C ${epc} 40`))).toMatchObject({ tags: [{ epc, antenna: 2 }] });
});

test("no tag is no tag, and one without an EPC has no digits", () => {
  expect(readInventory(Buffer.alloc(0), form288)).toEqual({ tags: [] });
  expect(readInventory(bytes("01 00"), form288)).toEqual({ tags: [] });
  expect(readInventory(bytes("01 01 00 40"), form288)).toMatchObject({ tags: [{ epc: "" }] });
});

test.each([
  { what: "fewer tags than counted", data: `01 02 0C ${epc} 40`, no: "fewer" },
  { what: "a tag longer than the frame", data: "01 01 3F 30 39", no: "longer" },
  { what: "more bytes than the tags have", data: `01 01 0C ${epc} 40 00`, no: "more bytes" },
  { what: "a TID longer than both", data: "01 01 82 30 39 40", no: "shorter than its TID" },
  { what: "fields of unknown length", data: "01 01 4C 30", no: "unknown length" },
  { what: "no number of tags", data: "01", no: "no number" },
])("$what are named", ({ data, no }) => {
  expect(readInventory(bytes(data), form288)).toEqual({ no: expect.stringContaining(no) });
});

test("any bytes are read or named, with no more digits than they have", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(form18, form288), (data, form) => {
      for (const told of [readInventory(Buffer.from(data), form), readPushed(Buffer.from(data))]) {
        if ("no" in told) continue;
        const digits = told.tags.reduce((sum, tag) => sum + tag.epc.length + (tag.tid?.length ?? 0), 0);
        expect(digits).toBeLessThanOrEqual(2 * data.length);
      }
    }),
    { numRuns: 1_000 },
  );
});
