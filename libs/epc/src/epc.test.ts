import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeEpc, encodeEpc, encodeLink } from "./epc.ts";
import { EpcError } from "./epc-error.ts";
import { schemes } from "./scheme.ts";
import { digitalLinkOf } from "./thing.ts";

/**
 * The limits of every scheme, said once more and from the side of the URI, so that a wrong row in the tables cannot
 * agree with itself.
 */
const digits = (count: number) =>
  fc
    .bigInt({ min: 0n, max: 10n ** BigInt(count) - 1n })
    .map((n) => (count === 0 ? "" : `${n}`.padStart(count, "0")));
const number = (max: bigint) =>
  fc.oneof(fc.constantFrom(0n, 1n, max), fc.bigInt({ min: 0n, max })).map(String);
const characters = (alphabet: string, { min = 1, max }: { min?: number; max: number }) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: min, maxLength: max });

const lettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const set82 = `${lettersAndDigits}abcdefghijklmnopqrstuvwxyz!"%&'()*+,-./:;<=>?_`;
const cage = fc.oneof(
  characters("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", { min: 5, max: 5 }),
  characters("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", { min: 6, max: 6 }),
);

type Parts = fc.Arbitrary<readonly string[]>;
const withPrefix = (rest: (prefixDigits: number) => readonly fc.Arbitrary<string>[]): Parts =>
  fc.integer({ min: 6, max: 12 }).chain((length) => fc.tuple(digits(length), ...rest(length)));
const keyOf = (total: number, ...tail: fc.Arbitrary<string>[]) =>
  withPrefix((length) => [digits(total - length), ...tail]);

const assetBits = new Map([
  [12, 42],
  [11, 45],
  [10, 48],
  [9, 52],
  [8, 55],
  [7, 58],
  [6, 62],
]);
const text20 = characters(set82, { max: 20 });
const serial38 = number(274877906943n);
const extension41 = number(2199023255551n);

const limits: Record<string, { filterMax: number | null; parts: Parts }> = {
  "sgtin-96": { filterMax: 7, parts: keyOf(13, serial38) },
  "sgtin-198": { filterMax: 7, parts: keyOf(13, text20) },
  "sscc-96": { filterMax: 7, parts: keyOf(17) },
  "sgln-96": { filterMax: 7, parts: keyOf(12, extension41) },
  "sgln-195": { filterMax: 7, parts: keyOf(12, text20) },
  "grai-96": { filterMax: 7, parts: keyOf(12, serial38) },
  "grai-170": { filterMax: 7, parts: keyOf(12, characters(set82, { max: 16 })) },
  "giai-96": {
    filterMax: 7,
    parts: withPrefix((length) => [number(2n ** BigInt(assetBits.get(length) ?? 0) - 1n)]),
  },
  "giai-202": { filterMax: 7, parts: withPrefix((length) => [characters(set82, { max: 30 - length })]) },
  "gsrn-96": { filterMax: 7, parts: keyOf(17) },
  "gsrnp-96": { filterMax: 7, parts: keyOf(17) },
  "gdti-96": { filterMax: 7, parts: keyOf(12, extension41) },
  "gdti-113": { filterMax: 7, parts: keyOf(12, characters("0123456789", { max: 17 })) },
  "gdti-174": { filterMax: 7, parts: keyOf(12, characters(set82, { max: 17 })) },
  "gid-96": { filterMax: null, parts: fc.tuple(number(268435455n), number(16777215n), number(68719476735n)) },
  "sgcn-96": { filterMax: 7, parts: keyOf(12, characters("0123456789", { max: 12 })) },
  "cpi-96": {
    filterMax: 7,
    parts: withPrefix((length) => [number(10n ** BigInt(15 - length) - 1n), number(2147483647n)]),
  },
  "cpi-var": {
    filterMax: 7,
    parts: withPrefix((length) => [
      characters(`${lettersAndDigits}#-/`, { max: 30 - length }),
      number(999999999999n),
    ]),
  },
  "itip-110": { filterMax: 7, parts: keyOf(13, digits(2), digits(2), serial38) },
  "itip-212": { filterMax: 7, parts: keyOf(13, digits(2), digits(2), text20) },
  "usdod-96": { filterMax: 15, parts: fc.tuple(cage, number(68719476735n)) },
  "adi-var": {
    filterMax: 63,
    parts: fc.tuple(
      cage,
      characters(`${lettersAndDigits}-/`, { min: 0, max: 32 }),
      fc
        .tuple(fc.boolean(), characters(`${lettersAndDigits}-/`, { max: 29 }))
        .map(([hash, serial]) => (hash ? `#${serial}` : serial)),
    ),
  },
};

const escaped = (text: string) =>
  [...text]
    .map((c) => ('"#%&/<>?'.includes(c) ? `%${c.charCodeAt(0).toString(16).toUpperCase()}` : c))
    .join("");

const tagUris = (name: string) => {
  const { filterMax, parts } = limits[name] ?? { filterMax: null, parts: fc.constant([]) };
  const filter =
    filterMax === null ? fc.constant([]) : fc.integer({ min: 0, max: filterMax }).map((n) => [`${n}`]);
  return fc.tuple(filter, parts).map(([first, rest]) => ({
    name,
    identity: name.slice(0, name.indexOf("-")),
    first,
    rest: rest.map(escaped),
  }));
};

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof EpcError) return error.code;
    throw error;
  }
  return "accepted";
};

test("the limits above cover every scheme", () => {
  expect(Object.keys(limits).sort()).toEqual(schemes.map(({ name }) => name).sort());
  expect(new Set(schemes.map(({ header }) => header)).size).toBe(schemes.length);
});

describe.each(Object.keys(limits))("%s", (name) => {
  test("a tag URI within the limits survives the way to the tag and back", () => {
    fc.assert(
      fc.property(tagUris(name), ({ identity, first, rest }) => {
        const uri = `urn:epc:tag:${name}:${[...first, ...rest].join(".")}`;
        const hex = encodeEpc(uri);
        expect(hex).toMatch(/^(?:[0-9A-F]{4})+$/);
        const decoded = decodeEpc(hex);
        expect(decoded).toMatchObject({
          scheme: name,
          tagUri: uri,
          uri: `urn:epc:id:${identity}:${rest.join(".")}`,
        });
        // Readers pad to words and people copy without the padding: the zeros at the end make no difference.
        expect(decodeEpc(`${hex.toLowerCase()}0000`)).toEqual(decoded);
      }),
      { numRuns: 200 },
    );
  });

  test("its Digital Link leads back to the tag, and is that of the pure identity", () => {
    fc.assert(
      fc.property(tagUris(name), ({ first, rest }) => {
        const hex = encodeEpc(`urn:epc:tag:${name}:${[...first, ...rest].join(".")}`);
        const { uri, digitalLink } = decodeEpc(hex);
        expect(digitalLinkOf(uri)).toBe(digitalLink);
        if (digitalLink === null) return;
        const coding = { scheme: name, filter: Number(first), companyPrefixDigits: rest[0]?.length ?? 0 };
        expect(encodeLink(digitalLink, coding)).toBe(hex);
        expect(digitalLinkOf(digitalLink)).toBe(digitalLink);
      }),
      { numRuns: 100 },
    );
  });

  test("a tag with any of its bits flipped decodes to itself or is refused with a code", () => {
    const flipped = fc.tuple(tagUris(name), fc.nat(), fc.nat());
    fc.assert(
      fc.property(flipped, ([{ first, rest }, one, two]) => {
        const hex = encodeEpc(`urn:epc:tag:${name}:${[...first, ...rest].join(".")}`);
        const bits = BigInt(hex.length * 4 - 8);
        const flips = (1n << (BigInt(one) % bits)) | (1n << (BigInt(two) % bits));
        const changed = (BigInt(`0x${hex}`) ^ flips).toString(16).toUpperCase().padStart(hex.length, "0");
        if (codeOf(() => decodeEpc(changed)) !== "accepted") return;
        const again = encodeEpc(decodeEpc(changed).tagUri);
        expect(again.padEnd(changed.length, "0")).toBe(changed.padEnd(again.length, "0"));
      }),
      { numRuns: 200 },
    );
  });
});

test("bits set in reserved or padding space are refused, so that no two tags share a name", () => {
  expect(codeOf(() => decodeEpc("3174257BF4499602D2000001"))).toBe("epc_malformed");
  expect(codeOf(() => decodeEpc("3074257BF7194E4000001A850001"))).toBe("epc_malformed");
  expect(decodeEpc("3074257BF7194E4000001A850000").uri).toBe("urn:epc:id:sgtin:0614141.812345.6789");
});

test.each([
  { what: "nothing", hex: "", code: "epc_malformed" },
  { what: "one digit", hex: "3", code: "epc_malformed" },
  { what: "letters that are not hexadecimal", hex: "3074257BF7194E4000001A8G", code: "epc_malformed" },
  { what: "a space in front", hex: " 3074257BF7194E4000001A85", code: "epc_malformed" },
  { what: "a sign", hex: "-3074257BF7194E4000001A85", code: "epc_malformed" },
  { what: "a tag that ends too early", hex: "3074257BF7194E400000", code: "epc_malformed" },
  { what: "129 digits", hex: "3074257BF7194E4000001A85".padEnd(129, "0"), code: "epc_malformed" },
  { what: "an unprogrammed tag", hex: "000000000000000000000000", code: "epc_unknown_scheme" },
  { what: "a chip's class id", hex: "E2801160600002081A2B3C4D", code: "epc_unknown_scheme" },
  { what: "partition 7", hex: "307C257BF7194E4000001A85", code: "epc_out_of_range" },
  // Partition 6 leaves 20 bits for six digits, and here they hold 1,000,000.
  { what: "a prefix with too many digits", hex: "301BD0900000004000000001", code: "epc_out_of_range" },
  { what: "a reference with too many digits", hex: "3014257BF7D0900000000001", code: "epc_out_of_range" },
  // Partition 0: the GRAI asset type has no digits, so its four bits must be zero.
  { what: "a value in a field of no digits", hex: "330000000000044000000001", code: "epc_out_of_range" },
  // SGTIN-198 "32a/b" with one more bit after the NUL that ends it.
  {
    what: "text after its end",
    hex: "3674257BF6B7A659B2C2BF100000000000000000000000000040",
    code: "epc_malformed",
  },
  {
    what: "an @, which is not in set 82",
    hex: "3674257BF6B7A660000000000000000000000000000000000000",
    code: "epc_out_of_range",
  },
  {
    what: "an empty serial",
    hex: "3674257BF6B7A640000000000000000000000000000000000000",
    code: "epc_out_of_range",
  },
  {
    what: "a coupon serial without its leading 1",
    hex: "3F74F4E4E612640000000007",
    code: "epc_out_of_range",
  },
])("decoding refuses $what", ({ hex, code }) => {
  expect(codeOf(() => decodeEpc(hex))).toBe(code);
});

test.each([
  { what: "nothing", uri: "", code: "epc_malformed" },
  { what: "a pure identity", uri: "urn:epc:id:sgtin:0614141.812345.6789", code: "epc_malformed" },
  {
    what: "an unknown scheme",
    uri: "urn:epc:tag:sgtin-64:3.0614141.812345.6789",
    code: "epc_unknown_scheme",
  },
  { what: "too few parts", uri: "urn:epc:tag:sgtin-96:3.0614141.812345", code: "epc_malformed" },
  { what: "too many parts", uri: "urn:epc:tag:sgtin-96:3.0614141.812345.67.89", code: "epc_malformed" },
  { what: "a filter of 8", uri: "urn:epc:tag:sgtin-96:8.0614141.812345.6789", code: "epc_out_of_range" },
  {
    what: "a prefix of five digits",
    uri: "urn:epc:tag:sgtin-96:3.06141.81234567.6789",
    code: "epc_malformed",
  },
  { what: "a prefix of letters", uri: "urn:epc:tag:sgtin-96:3.ABCDEFG.812345.6789", code: "epc_malformed" },
  {
    what: "a reference one digit short",
    uri: "urn:epc:tag:sgtin-96:3.0614141.81234.6789",
    code: "epc_malformed",
  },
  {
    what: "a serial with leading zeros",
    uri: "urn:epc:tag:sgtin-96:3.0614141.812345.06789",
    code: "epc_malformed",
  },
  {
    what: "a serial of 39 bits",
    uri: "urn:epc:tag:sgtin-96:3.0614141.812345.274877906944",
    code: "epc_out_of_range",
  },
  {
    what: "an endless number",
    uri: `urn:epc:tag:sgtin-96:3.0614141.812345.${"9".repeat(99)}`,
    code: "epc_out_of_range",
  },
  {
    what: "an endless URI",
    uri: `urn:epc:tag:sgtin-198:3.0614141.812345.${"9".repeat(999)}`,
    code: "epc_malformed",
  },
  {
    what: "21 characters",
    uri: `urn:epc:tag:sgtin-198:3.0614141.812345.${"A".repeat(21)}`,
    code: "epc_out_of_range",
  },
  {
    what: "a slash without its escape",
    uri: "urn:epc:tag:sgtin-198:3.0614141.812345.32a/b",
    code: "epc_malformed",
  },
  { what: "half an escape", uri: "urn:epc:tag:sgtin-198:3.0614141.812345.32a%2", code: "epc_malformed" },
  { what: "an escaped NUL", uri: "urn:epc:tag:sgtin-198:3.0614141.812345.32a%00", code: "epc_out_of_range" },
  {
    what: "a letter beyond ASCII",
    uri: "urn:epc:tag:sgtin-198:3.0614141.812345.é",
    code: "epc_out_of_range",
  },
  {
    what: "a hash inside a part's serial",
    uri: "urn:epc:tag:adi-var:3.35962.PQ7.A%23B",
    code: "epc_out_of_range",
  },
  { what: "a CAGE code with an O", uri: "urn:epc:tag:usdod-96:3.CAGEO.1", code: "epc_out_of_range" },
])("encoding refuses $what", ({ uri, code }) => {
  expect(codeOf(() => encodeEpc(uri))).toBe(code);
});
