import fc from "fast-check";
import { expect, test } from "vitest";
import { BitReader, BitWriter } from "./bits.ts";
import { EpcError } from "./epc-error.ts";
import { longText, shortText } from "./host-shorthands.ts";
import { hostMethods, hostname } from "./hostname.ts";

const written = (host: string, method?: number): BitWriter => {
  const bits = new BitWriter();
  hostname.write(bits, [host], method);
  return bits;
};

/** Units of seven bits behind the seven that say how the host is written and how long it is. */
test.each([
  ["example.com", 8],
  ["id.example.com", 9],
  ["www.example.co.uk", 10],
  ["example.com.au", 9],
  ["a-b.tech", 5],
  ["shop.example.example", 20],
])("%s takes %i units", (host, units) => {
  expect(written(host).length).toBe(7 + units * 7);
  expect(written(host, hostMethods.ascii).length).toBe(7 + host.length * 7);
});

test("a host survives each way of writing it", () => {
  const name = fc.string({ unit: fc.constantFrom(..."abcdefgh0123456789-"), minLength: 1, maxLength: 12 });
  const ends = fc.constantFrom(
    ".com",
    ".de",
    ".co.uk",
    ".org.cn",
    ".net.cn",
    ".tech",
    ".example",
    ".ac",
    ".zw",
  );
  fc.assert(
    fc.property(fc.constantFrom("", "id.", "qr.", "www."), name, ends, (start, middle, end) => {
      const host = `${start}${middle}${end}`;
      for (const method of Object.values(hostMethods))
        expect(hostname.read(new BitReader(written(host, method).hex))).toEqual([host]);
    }),
    { numRuns: 300 },
  );
});

/** Optimisation tables of TDS 2.3: first and last rows, and those next to a gap. */
test.each([
  [0, ".ac"],
  [12, ".at"],
  [47, ".co"],
  [127, ".li"],
  [128, ".lk"],
  [244, ".zw"],
  [256, ".com.au"],
  [281, ".co.uk"],
  [285, ".org.cn"],
  [286, ".net.cn"],
  [287, ".gov.cn"],
  [384, ".tech"],
])("the fourteen bits %i are %s", (value, text) => {
  expect(longText(value)).toBe(text);
});

test("values between the tables are reserved", () => {
  for (const value of [245, 255, 288, 383, 385, 511]) expect(longText(value)).toBeUndefined();
  expect(shortText(0x20)).toBe("id.");
  expect(shortText(0x7f)).toBe(".med");
  expect(shortText(0x2e)).toBeUndefined();
});

test("capitals mean the same host", () => {
  const bits = new BitWriter();
  bits.write(1n, 1);
  bits.write(4n, 6);
  for (const character of "AB.C") bits.write(BigInt(character.charCodeAt(0)), 7);
  expect(hostname.read(new BitReader(bits.hex))).toEqual(["ab.c"]);
});

const units = (length: number, ...values: number[]): string => {
  const bits = new BitWriter();
  bits.write(1n, 1);
  bits.write(BigInt(length), 6);
  for (const value of values) bits.write(BigInt(value), 7);
  return bits.hex;
};

test.each([
  ["nothing", units(0)],
  ["a shorthand that is not known", units(3, 0x61, 3, 1)],
  ["half a shorthand", units(2, 0x61, 0, 12)],
  ["a reserved value", units(2, 0x61, 0x04)],
  ["a slash", units(3, 0x61, 0x2f, 0x62)],
  ["an at sign", units(3, 0x61, 0x40, 0x62)],
  ["two dots", units(4, 0x61, 0x2e, 0x2e, 0x62)],
  ["an end too early", units(40, 0x61)],
])("%s is no host", (_, hex) => {
  expect(() => hostname.read(new BitReader(hex))).toThrow(EpcError);
});
