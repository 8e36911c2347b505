import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkDigit } from "./check-digit.ts";
import { readLink } from "./digital-link.ts";
import { decodeEpc, encodeEpc, encodeLink } from "./epc.ts";
import { EpcError } from "./epc-error.ts";
import { plusSchemes, writePlus } from "./plus-scheme.ts";
import { digitalLinkOf } from "./thing.ts";

/** The limits of every key, said once more and from the side of the link, so that a wrong row in the tables cannot agree with itself. */
const characters = (alphabet: string, { min = 1, max }: { min?: number; max: number }) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: min, maxLength: max });

const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const small = capitals.toLowerCase();
const decimals = "0123456789";
/** Each way of writing text has an alphabet; without texts of them all, some way would never be taken. */
const text = (max: number) =>
  fc.oneof(
    ...[
      decimals,
      `${decimals}ABCDEF`,
      `${decimals}abcdef`,
      `${capitals}${small}${decimals}-_`,
      `${capitals}${decimals}-.:`,
      `${capitals}${small}${decimals}!"%&'()*+,-./:;<=>?_`,
    ].map((alphabet) => characters(alphabet, { max })),
  );
const digits = (count: number) => characters(decimals, { min: count, max: count });
const checked = (count: number) => digits(count - 1).map((number) => number + checkDigit(number));

const escaped = (value: string) =>
  encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
const path = (...pairs: readonly (readonly [string, string])[]) =>
  pairs.map(([identifier, value]) => `/${identifier}/${escaped(value)}`).join("");

const long = fc.tuple(digits(4), text(26)).map(([start, rest]) => start + rest);
const part = fc
  .tuple(digits(4), characters(`${capitals}${decimals}#-/`, { max: 26 }))
  .map(([start, rest]) => start + rest);

const paths: Readonly<Record<string, fc.Arbitrary<string>>> = {
  sgtin: fc.tuple(checked(14), text(20)).map(([item, serial]) => path(["01", item], ["21", serial])),
  itip: fc
    .tuple(checked(14), digits(4), text(20))
    .map(([item, pieces, serial]) => path(["8006", item + pieces], ["21", serial])),
  sscc: checked(18).map((unit) => path(["00", unit])),
  sgln: fc
    .tuple(checked(13), text(20))
    .map(([place, extension]) =>
      extension === "0" ? path(["414", place]) : path(["414", place], ["254", extension]),
    ),
  grai: fc.tuple(checked(13), text(16)).map(([type, serial]) => path(["8003", `0${type}${serial}`])),
  giai: long.map((asset) => path(["8004", asset])),
  gsrn: checked(18).map((relation) => path(["8018", relation])),
  gsrnp: checked(18).map((relation) => path(["8017", relation])),
  gdti: fc.tuple(checked(13), text(17)).map(([type, serial]) => path(["253", type + serial])),
  sgcn: fc
    .tuple(checked(13), characters(decimals, { max: 12 }))
    .map(([type, serial]) => path(["255", type + serial])),
  cpi: fc
    .tuple(part, characters(decimals, { max: 12 }))
    .map(([reference, serial]) => path(["8010", reference], ["8011", serial])),
};

const hosts = fc.constantFrom("example.com", "id.example.co.uk", "www.a-b.tech", "x.de", "192.0.2.1:8443");
const dates = fc
  .tuple(
    fc.constantFrom("11", "13", "15", "16", "17", "7006", "7007"),
    fc.integer({ min: 0, max: 99 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 0, max: 28 }),
  )
  .map(([identifier, ...pairs]) => [identifier, pairs.map((n) => `${n}`.padStart(2, "0")).join("")] as const);

const links = ({ key, isDated, hasHost }: (typeof plusSchemes)[number]) =>
  fc.record({
    host: hasHost ? hosts : fc.constant("id.gs1.org"),
    path: paths[key.name] ?? fc.constant(""),
    date: isDated ? dates : fc.constant(undefined),
    filter: fc.integer({ min: 0, max: 7 }),
  });

const bitText = fc.string({ unit: fc.constantFrom("0", "1"), maxLength: 90 });
const hexBits = (hex: string) =>
  BigInt(`0x${hex}`)
    .toString(2)
    .padStart(hex.length * 4, "0");
const bitsHex = (bits: string) => {
  const whole = bits.padEnd(Math.ceil(bits.length / 4) * 4, "0");
  return BigInt(`0b${whole}`)
    .toString(16)
    .padStart(whole.length / 4, "0");
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

test("there is a scheme with one plus sign and one with two for each key, and two more for dated items", () => {
  expect(plusSchemes).toHaveLength(Object.keys(paths).length * 2 + 2);
  expect(new Set(plusSchemes.map(({ header }) => header)).size).toBe(plusSchemes.length);
  for (const { key } of plusSchemes) expect(key.fields).toHaveLength(key.identifiers.length);
});

describe.each(plusSchemes)("$name", (scheme) => {
  const { name } = scheme;

  test("a link survives the way to the tag and back", () => {
    fc.assert(
      fc.property(links(scheme), ({ host, path, date, filter }) => {
        const link = `https://${host}${path}${date === undefined ? "" : `?${date.join("=")}`}`;
        const tag = encodeLink(link, { scheme: name, filter });
        const decoded = decodeEpc(tag);
        expect(decoded).toEqual({
          scheme: name,
          uri: `https://id.gs1.org${path}`,
          tagUri: `urn:epc:raw:${tag.length * 4}.x${tag}`,
          digitalLink: link,
          ...(date === undefined ? {} : { data: { [date[0]]: date[1] } }),
        });
        expect(encodeEpc(decoded.tagUri)).toBe(tag);
        // Readers pad to words and people copy without the padding: the zeros at the end make no difference.
        expect(decodeEpc(`${tag.toLowerCase()}0000`)).toEqual({ ...decoded });
      }),
      { numRuns: 150 },
    );
  });

  test("bits behind the name do not touch it, and are refused where the tag says that there are none", () => {
    fc.assert(
      fc.property(links(scheme), bitText, ({ host, path, date, filter }, behind) => {
        const { values } = readLink(`https://${host}${path}`);
        const data = date === undefined ? [] : [date];
        const { hex, length } = writePlus(scheme, { filter: String(filter), values, host, data });
        const bits = hexBits(hex).slice(0, length);
        const carrying = `${bits.slice(0, 8)}1${bits.slice(9)}${behind}`;
        expect(decodeEpc(bitsHex(carrying)).uri).toBe(`https://id.gs1.org${path}`);
        const refused = codeOf(() => decodeEpc(bitsHex(bits + behind)));
        expect(refused).toBe(behind.includes("1") ? "epc_malformed" : "accepted");
      }),
      { numRuns: 150 },
    );
  });

  test("a tag that is cut off, or has any of its bits flipped, says the same in every name or is refused with a code", () => {
    fc.assert(
      fc.property(links(scheme), fc.nat(), fc.nat(), ({ host, path, date, filter }, at, end) => {
        const link = `https://${host}${path}${date === undefined ? "" : `?${date.join("=")}`}`;
        const bits = hexBits(encodeLink(link, { scheme: name, filter }));
        const flip = 8 + (at % (bits.length - 8));
        const flipped = bits.slice(0, flip) + (bits[flip] === "0" ? "1" : "0") + bits.slice(flip + 1);
        for (const changed of [flipped, bits.slice(0, 8 + (end % (bits.length - 8)))]) {
          const tag = bitsHex(changed);
          if (codeOf(() => decodeEpc(tag)) !== "accepted") continue;
          const decoded = decodeEpc(tag);
          expect(decodeEpc(encodeEpc(decoded.tagUri))).toEqual(decoded);
          expect(digitalLinkOf(decoded.digitalLink ?? "")).toBe(decoded.uri);
        }
      }),
      { numRuns: 150 },
    );
  });
});

test.each([
  { what: "no link", link: "", scheme: "sgtin+", code: "epc_malformed" },
  { what: "a link of a page", link: "https://example.com/shop", scheme: "sgtin+", code: "epc_malformed" },
  {
    what: "a link without end",
    link: `https://id.gs1.org/8004/${"9".repeat(3_000)}`,
    scheme: "giai+",
    code: "epc_malformed",
  },
  {
    what: "a GTIN of no serial number",
    link: "/01/79521141123453",
    scheme: "sgtin+",
    code: "epc_out_of_range",
  },
  {
    what: "a GRAI of no serial number",
    link: "/8003/09521141123454",
    scheme: "grai+",
    code: "epc_out_of_range",
  },
  { what: "a GRAI with no filler", link: "/8003/79521141123453A", scheme: "grai+", code: "epc_out_of_range" },
  { what: "a wrong check digit", link: "/00/095201234567891234", scheme: "sscc+", code: "epc_out_of_range" },
  { what: "letters for digits", link: "/00/09520123456789123A", scheme: "sscc+", code: "epc_out_of_range" },
  { what: "a digit too few", link: "/00/95201234567891235", scheme: "sscc+", code: "epc_malformed" },
  {
    what: "21 characters",
    link: `/01/79521141123453/21/${"A".repeat(21)}`,
    scheme: "sgtin+",
    code: "epc_out_of_range",
  },
  {
    what: "a letter beyond ASCII",
    link: "/01/79521141123453/21/%C3%A9",
    scheme: "sgtin+",
    code: "epc_out_of_range",
  },
  {
    what: "a small letter in a part",
    link: "/8010/95211415pq/8011/1",
    scheme: "cpi+",
    code: "epc_out_of_range",
  },
  { what: "an asset of three digits", link: "/8004/952A", scheme: "giai+", code: "epc_out_of_range" },
  { what: "another kind of key", link: "/8004/9521141A", scheme: "sgtin+", code: "epc_unknown_scheme" },
  {
    what: "a scheme that does not exist",
    link: "/8004/9521141A",
    scheme: "giai+++",
    code: "epc_unknown_scheme",
  },
  {
    what: "a dated item of no date",
    link: "/01/79521141123453/21/1",
    scheme: "dsgtin+",
    code: "epc_malformed",
  },
  {
    what: "a date that never was",
    link: "/01/79521141123453/21/1?17=220631",
    scheme: "dsgtin+",
    code: "epc_out_of_range",
  },
  {
    what: "an identifier that no tag can say",
    link: "/01/79521141123453/21/1?88=1",
    scheme: "sgtin+",
    code: "epc_out_of_range",
  },
  {
    what: "an identifier that does not go with the key",
    link: "/00/095201234567891235/10/A",
    scheme: "sscc+",
    code: "epc_malformed",
  },
  {
    what: "something said twice",
    link: "/01/79521141123453/21/1?99=A&99=B",
    scheme: "sgtin+",
    code: "epc_out_of_range",
  },
  {
    what: "more than a tag holds",
    link: `/01/79521141123453/21/1?99=${"a.b".repeat(30)}`,
    scheme: "sgtin+",
    code: "epc_out_of_range",
  },
  {
    what: "data for a scheme that has none",
    link: "/01/79521141123453/21/1?17=220630",
    scheme: "sgtin-96",
    companyPrefixDigits: 7,
    code: "epc_out_of_range",
  },
  {
    what: "no length of the company prefix",
    link: "/01/79521141123453/21/1",
    scheme: "sgtin-96",
    code: "epc_malformed",
  },
  {
    what: "a company prefix of five digits",
    link: "/01/79521141123453/21/1",
    scheme: "sgtin-96",
    companyPrefixDigits: 5,
    code: "epc_malformed",
  },
  {
    what: "a filter of 8",
    link: "/00/095201234567891235",
    scheme: "sscc+",
    filter: 8,
    code: "epc_out_of_range",
  },
])("encoding a link refuses $what", ({ link, code, what: _, ...coding }) => {
  const url = link.startsWith("/") ? `https://id.gs1.org${link}` : link;
  expect(codeOf(() => encodeLink(url, coding))).toBe(code);
});

test("a host that is none, and one too long for a tag, are refused", () => {
  const scheme = "sscc++";
  for (const host of ["a..b", "-", "two words.example", "b\u00fccher.example", `${"a".repeat(64)}.com`])
    expect(
      codeOf(() => encodeLink(`https://${host}/00/095201234567891235`, { scheme })),
      host,
    ).toBe(host === "-" ? "accepted" : "epc_out_of_range");
});
