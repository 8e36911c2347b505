import { expect, test } from "vitest";
import { identifierDigits, valueField } from "./application-identifier.ts";
import { BitReader, BitWriter } from "./bits.ts";
import { EpcError } from "./epc-error.ts";

const written = (identifier: string, value: string): BitWriter => {
  const bits = new BitWriter();
  valueField(identifier)?.write(bits, [value]);
  return bits;
};

/** The width of each value follows from tables B and F of TDS 2.3; the values are typed as facts. */
test.each([
  ["00", "095201234567891235", 72],
  ["01", "79521141123453", 56],
  ["10", "LOT7", 3 + 5 + 24],
  ["10", "0123456789", 3 + 5 + 34],
  ["10", "ABCDEF", 3 + 5 + 24],
  ["10", "abcdef", 3 + 5 + 24],
  ["10", "ABC-XYZ.0:9AAAA", 3 + 5 + 80],
  ["10", "a/b", 3 + 5 + 21],
  ["10", "aZ_-09", 3 + 5 + 36],
  ["17", "261231", 16],
  ["20", "07", 7],
  ["235", "A".repeat(28), 3 + 5 + 112],
  ["242", "007", 3 + 10],
  ["30", "12345678", 4 + 27],
  ["3103", "001750", 20],
  ["3695", "000001", 20],
  ["37", "5", 4 + 4],
  ["3912", "978012345", 10 + 4 + 20],
  ["3921", "99", 4 + 7],
  ["402", "95211411234567897", 57],
  ["414", "9521141123454", 52],
  ["421", "0561000", 10 + 3 + 4 + 14],
  ["423", "056250", 4 + 20],
  ["427", "VLG", 3 + 2 + 16],
  ["4302", "x".repeat(55), 3 + 7 + 330],
  ["4307", "BE", 12],
  ["4309", "02790858483015297971", 67],
  ["4321", "1", 1],
  ["4324", "2612312359", 27],
  ["4330", "002150-", 20 + 1],
  ["4331", "002150", 20 + 1],
  ["7003", "2612312400", 27],
  ["7004", "0042", 3 + 14],
  ["7007", "261231", 17],
  ["7007", "261201261231", 33],
  ["7011", "261231", 2 + 16],
  ["7023", "9521141AB", 7 * 4 + 4 + 3 + 5 + 8],
  ["7032", "056AB-1", 10 + 3 + 5 + 24],
  ["7252", "9", 4],
  ["7258", "1/3", 8],
  ["8003", "09521141123454", 56 + 3 + 5],
  ["8003", "0952114112345432a/b", 56 + 3 + 5 + 35],
  ["8004", "9521141", 7 * 4 + 4],
  ["8008", "26123123", 2 + 21],
  ["8008", "261231235959", 2 + 33],
  ["8010", "952114198765#", 12 * 4 + 4 + 3 + 5 + 7],
  ["8011", "012345678901", 4 + 40],
  ["8019", "0000000001", 4 + 34],
  ["253", "9521141123454", 52 + 3 + 5],
  ["255", "9521141678909", 52 + 4],
  ["99", "A", 3 + 7 + 4],
])("(%s)%s takes %i bits and comes back", (identifier, value, width) => {
  const bits = written(identifier, value);
  expect(bits.length).toBe(width);
  expect(valueField(identifier)?.read(new BitReader(bits.hex))).toEqual([value]);
});

test.each([
  ["10", ""],
  ["10", "a b"],
  ["10", "#"],
  ["17", "261301"],
  ["17", "260230"],
  ["17", "2612"],
  ["20", "1"],
  ["4307", "be"],
  ["4321", "2"],
  ["4324", "2612312460"],
  ["4324", "2612312401"],
  ["4330", "002150+"],
  ["7007", "261231261301"],
  ["7258", "0/3"],
  ["8004", "952"],
  ["8008", "2612"],
  ["8010", "9521141a"],
  ["8011", "1234567890123"],
])("(%s)%s is refused", (identifier, value) => {
  expect(() => written(identifier, value)).toThrow(EpcError);
});

test.each([
  // Seven bits of year, four of month, five of day.
  ["17", "FFFF", "year 127"],
  ["17", "341F", "month 0"],
  ["4307", "FFF0", "no letters"],
  ["7258", "0300", "place 0"],
  ["01", "7952114112345A", "a digit above nine"],
  ["10", "C000", "a way of writing that is reserved"],
  ["10", "0000", "no characters"],
  ["10", "1F00", "31 characters"],
  ["10", "A3000000", "three pads"],
])("(%s) of the bits %s is refused: %s", (identifier, hex) => {
  expect(() => valueField(identifier)?.read(new BitReader(hex))).toThrow(EpcError);
});

/** Table K of TDS 2.3. */
test("the first two digits of an identifier tell how many there are", () => {
  const two = "00 01 02 10 11 12 13 15 16 17 20 21 22 30 37 90 91 92 93 94 95 96 97 98 99";
  const three = "23 24 25 40 41 42 71";
  const four = "31 32 33 34 35 36 39 43 70 72 80 81 82";
  const expected = new Map([
    ...two.split(" ").map((start) => [start, 2] as const),
    ...three.split(" ").map((start) => [start, 3] as const),
    ...four.split(" ").map((start) => [start, 4] as const),
  ]);
  for (let start = 0; start < 100; start += 1) {
    const text = `${start}`.padStart(2, "0");
    expect(identifierDigits(text), text).toBe(expected.get(text));
  }
});

test("identifiers that the standard leaves out are not known", () => {
  for (const identifier of ["03", "8014", "3106", "3170", "3380", "3580", "3944", "418", "7042", "88", "1"])
    expect(valueField(identifier), identifier).toBeUndefined();
});
