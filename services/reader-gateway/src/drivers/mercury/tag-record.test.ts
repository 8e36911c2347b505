import fc from "fast-check";
import { expect, test } from "vitest";
import { metadata, readTagRecord } from "./tag-record.ts";

const number = (value: number, length: number): number[] =>
  Array.from({ length }, (_, at) => (value >>> (8 * (length - 1 - at))) & 255);

type Field = Exclude<keyof typeof metadata, "data">;
const sizes: Record<Field, number> = {
  readCount: 1,
  rssi: 1,
  antenna: 1,
  frequency: 3,
  timestamp: 4,
  phase: 2,
  protocol: 1,
  gpio: 1,
  gen2Q: 1,
  gen2LinkFrequency: 1,
  gen2Target: 1,
  brand: 2,
};
const values: Partial<Record<Field, number>> = {
  readCount: 7,
  rssi: 0xc4,
  antenna: 0x31,
  frequency: 866_300,
  phase: 170,
};
const tid = "E2801160600002";

/** A record with exactly the fields of the mask, in the order of their bits. */
const record = (mask: number, identity: readonly number[]): Buffer => {
  const fields = (Object.entries(metadata) as [keyof typeof metadata, number][])
    .sort(([, left], [, right]) => left - right)
    .filter(([, bit]) => (mask & bit) !== 0)
    .flatMap(([field]) =>
      field === "data"
        ? [...number(tid.length * 4, 2), ...Buffer.from(tid, "hex")]
        : number(values[field] ?? 0, sizes[field]),
    );
  return Buffer.from([...fields, ...number(identity.length * 8, 2), ...identity]);
};

const epc = "3034257BF7194E4000001A85";
const identity = [0x30, 0, ...Buffer.from(epc, "hex"), 0xee, 0x2c];

test("any mask gives its fields, in order", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x1fff }), (mask) => {
      const has = (field: keyof typeof metadata) => (mask & metadata[field]) !== 0;
      expect(readTagRecord(record(mask, identity), mask)).toEqual({
        epc,
        protocolControl: 0x3000,
        count: has("readCount") ? 7 : 1,
        rssiDbm: has("rssi") ? -60 : null,
        antenna: has("antenna") ? 3 : undefined,
        frequencyKhz: has("frequency") ? 866_300 : undefined,
        phase: has("phase") ? 170 : undefined,
        embedded: has("data") ? { hex: tid } : undefined,
      });
    }),
  );
});

test.each([
  { what: "one XPC word", identity: [0x32, 0, 0x00, 0x01, ...Buffer.from(epc, "hex"), 0, 0] },
  { what: "two XPC words", identity: [0x32, 0, 0x80, 0x01, 0, 2, ...Buffer.from(epc, "hex"), 0, 0] },
])("$what stand before the EPC and are not of it", ({ identity: long }) => {
  expect(readTagRecord(record(1, long), 1)).toMatchObject({ epc });
});

test("an embedded read that failed brings nothing, whatever length it tells", () => {
  const failed = Buffer.from([0x80, 0x10, 0xaa, 0xbb, ...number(identity.length * 8, 2), ...identity]);
  expect(readTagRecord(failed, metadata.data)).toMatchObject({ epc, embedded: { hex: undefined } });
});

test("a tag without an EPC is one of no digits", () => {
  expect(readTagRecord(record(0, [0, 0, 0xe2, 0xf0]), 0)).toMatchObject({ epc: "", protocolControl: 0 });
});

test.each([
  { what: "fields of unknown length", mask: 0x2000, bytes: record(0, identity), no: "unknown length" },
  {
    what: "an end inside a field",
    mask: 0x1ff,
    bytes: Buffer.from([1, 2, 3]),
    no: "ends before its frequency",
  },
  { what: "an end before the EPC", mask: 1, bytes: Buffer.from([1]), no: "ends before its EPC" },
  {
    what: "an EPC longer than the record",
    mask: 0,
    bytes: Buffer.from([0xff, 0xf0, 1]),
    no: "inside its EPC",
  },
  { what: "an EPC of half a word", mask: 0, bytes: Buffer.from([0, 0x28, 1, 2, 3, 4, 5]), no: "40 bits" },
  {
    what: "embedded data longer than the record",
    mask: 0x80,
    bytes: Buffer.from([0x7f, 0xff, 1]),
    no: "data",
  },
  { what: "an XPC word that is not there", mask: 0, bytes: Buffer.from([0, 32, 2, 0, 0, 0]), no: "XPC" },
])("$what are named", ({ mask, bytes, no }) => {
  expect(readTagRecord(bytes, mask)).toEqual({ no: expect.stringContaining(no) });
});

test("any bytes under any mask are read or named, and the EPC is no longer than they are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(0xffff), (bytes, mask) => {
      const tag = readTagRecord(Buffer.from(bytes), mask);
      if ("no" in tag) return;
      expect(tag.epc.length).toBeLessThanOrEqual(2 * bytes.length);
    }),
    { numRuns: 1_000 },
  );
});

test("what does not agree with the tag's own CRC is no tag", () => {
  const turned = record(1, identity.with(4, 0xff));
  expect(readTagRecord(turned, 1)).toEqual({ no: "a tag's EPC does not agree with its own CRC" });
});
