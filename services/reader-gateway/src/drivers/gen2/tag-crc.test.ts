import { expect, test } from "vitest";
import { isTagWhole } from "./tag-crc.ts";

/** PC, EPC and CRC from documented frames of two makers. */
const sent = [
  "340030751FEB705C5904E3D50D703A76",
  "3000E20010710000529B0940B402EB98",
  "30000000000000000000000015" + "45E94A",
  "3030AAAABBBBCCCCDDDDEEEEFFFF7187",
];

test.each(sent)("%s is what a tag has sent, and with any bit turned round it is not", (hex) => {
  const stored = Buffer.from(hex, "hex");
  expect(isTagWhole(stored)).toBe(true);
  for (let bit = 0; bit < stored.length * 8; bit += 1) {
    const turned = Buffer.from(stored);
    turned[bit >> 3] = (turned[bit >> 3] as number) ^ (128 >> (bit & 7));
    expect(isTagWhole(turned)).toBe(false);
  }
});

test("nothing at all is no tag", () => {
  expect(isTagWhole(Buffer.alloc(0))).toBe(false);
});
