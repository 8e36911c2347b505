import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeEpc, encodeEpc, encodeLink } from "./epc.ts";
import { EpcError } from "./epc-error.ts";
import { digitalLinkOf, isSameThing, pureIdentityOf, tagsOf } from "./thing.ts";

test("every tag that says an identity is found by it, and each of them says nothing else", () => {
  const digits = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`));
  fc.assert(
    fc.property(
      digits(7),
      digits(6),
      fc.integer({ min: 0, max: 99_999 }),
      fc.integer({ min: 0, max: 7 }),
      (...parts) => {
        const [company, item, serial, filter] = parts;
        for (const scheme of ["sgtin-96", "sgtin-198"]) {
          const hex = encodeEpc(`urn:epc:tag:${scheme}:${filter}.${company}.${item}.${serial}`);
          const { uri, digitalLink } = decodeEpc(hex);
          const tags = tagsOf(uri);
          expect(tags).toContain(hex);
          expect(new Set(tags.map((tag) => decodeEpc(tag).uri))).toEqual(new Set([uri, digitalLink]));
          expect(digitalLinkOf(uri)).toBe(digitalLink);
          const links = tagsOf(digitalLink ?? "");
          expect(links).toEqual(expect.arrayContaining([hex, ...tags]));
          expect(new Set(links.map((tag) => decodeEpc(tag).digitalLink))).toEqual(new Set([digitalLink]));
        }
      },
    ),
    { numRuns: 50 },
  );
});

test("a code is found with and without the zeros that pad it to whole words", () => {
  const tags = tagsOf("urn:epc:id:sgtin:0614141.712345.32a%2Fb");
  expect(tags).toContain("3674257BF6B7A659B2C2BF100000000000000000000000000000");
  expect(tags).toContain("3674257BF6B7A659B2C2BF1000000000000000000000000000");
});

test.each([
  ["usdod-96:3.CAGEY.5678", 16],
  ["adi-var:3.35962.PQ7VZ4.M37GXB92", 64],
])("each value of a filter of another width is tried: %s", (body, filters) => {
  const hex = encodeEpc(`urn:epc:tag:${body}`);
  const { uri } = decodeEpc(hex);
  const tags = tagsOf(uri);
  expect(tags).toContain(hex);
  expect(new Set(tags.map((tag) => decodeEpc(tag).tagUri)).size).toBe(filters);
  expect(new Set(tags.map((tag) => decodeEpc(tag).uri))).toEqual(new Set([uri]));
});

test("a tag of TDS 2.x is found by any name of the thing, whichever way it writes its serial number", () => {
  // The serial number 981 as a number, as hex of capitals and as ASCII of seven bits.
  const written = ["F737952114112345303F54", "F737952114112345323981", "F73795211411234538372E188"];
  expect(written.map((hex) => decodeEpc(hex).uri)).toEqual(
    written.map(() => "https://id.gs1.org/01/79521141123453/21/981"),
  );
  const names = [
    "urn:epc:id:sgtin:9521141.712345.981",
    "https://id.gs1.org/01/79521141123453/21/981",
    "https://shop.example/things/01/79521141123453/22/2A/21/981?17=261231&utm=x",
  ];
  for (const name of names) {
    expect(tagsOf(name)).toEqual(expect.arrayContaining(written));
    expect(names.every((other) => isSameThing(name, other))).toBe(true);
    expect(isSameThing(name, "https://id.gs1.org/01/79521141123453/21/982")).toBe(false);
  }
});

test("a link finds the tags that hold its host and its date as well", () => {
  const link = "https://id.example.com/01/79521141123453/21/32a%2Fb?17=220630";
  const tags = tagsOf(link);
  for (const scheme of ["sgtin++", "dsgtin+", "dsgtin++"])
    expect(tags).toContain(
      encodeLink(scheme === "sgtin++" ? link.replace(/\?.*/, "") : link, { scheme, filter: 5 }),
    );
  expect(tags.every((tag) => isSameThing(decodeEpc(tag).uri, link))).toBe(true);
});

test("a scheme without a filter has one tag", () => {
  expect(tagsOf("urn:epc:id:gid:31415.271828.1414")).toEqual(["350007AB70425D4000000586"]);
  expect(digitalLinkOf("urn:epc:id:gid:31415.271828.1414")).toBeNull();
});

test.each([
  "",
  "urn:epc:id:",
  "urn:epc:id:none:1.2.3",
  "urn:epc:id:sgtin:1",
  "urn:epc:idpat:sgtin:*.*.*",
  "urn:epc:id:sgtin:0614141.712345.a b<",
  "urn:epc:id:sgtin:0614141.71234.5",
  "https://id.gs1.org/01/79521141123454/21/981",
  "https://id.gs1.org/01/79521141123453",
  "https://example.com/",
  "https://id.gs1.org/01/79521141123453/21/%E0%A4%A",
])("%j is nobody's identity", (uri) => {
  expect(tagsOf(uri)).toEqual([]);
  expect(digitalLinkOf(uri)).toBeNull();
});

test("no text makes a question about names throw, and encoding refuses with a code", () => {
  const piece = fc.oneof(
    fc.constantFrom(..."/ // . : % %2F ? = & # 01 21 00 414 254 8003 8004 8010 253 17 10".split(" ")),
    fc.constantFrom(
      "https://",
      "id.gs1.org",
      "urn:epc:id:",
      "sgtin:",
      "79521141123453",
      "095201234567891235",
    ),
    fc.string({ unit: "binary", maxLength: 5 }),
    fc.string({ unit: fc.constantFrom(..."0123456789"), maxLength: 20 }),
  );
  const schemeName = fc.constantFrom(
    "sgtin+",
    "sgtin++",
    "dsgtin+",
    "sscc+",
    "giai-202",
    "sgtin-96",
    "gid-96",
    "",
  );
  const texts = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(texts, schemeName, fc.integer({ min: -1, max: 14 }), (text, scheme, companyPrefixDigits) => {
      for (const uri of [text, `https://id.gs1.org/${text}`, `urn:epc:id:giai:${text}`]) {
        const link = digitalLinkOf(uri);
        expect(link === null || digitalLinkOf(link) === link).toBe(true);
        const tags = tagsOf(uri);
        expect(tags.every((tag) => /^[0-9A-F]+$/.test(tag))).toBe(true);
        const identity = pureIdentityOf(uri, companyPrefixDigits);
        if (identity !== null) expect(isSameThing(identity, uri)).toBe(true);
        try {
          encodeLink(uri, { scheme, companyPrefixDigits });
        } catch (error) {
          expect(error).toBeInstanceOf(EpcError);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["https://id.gs1.org/01/80614141123458/21/6789", 7, "urn:epc:id:sgtin:0614141.812345.6789"],
  ["https://id.gs1.org/01/80614141123458/21/6789", 12, "urn:epc:id:sgtin:061414112345.8.6789"],
  ["https://a.example/8004/06141415A%2FB?x=1", 7, "urn:epc:id:giai:0614141.5A%2FB"],
  ["https://id.gs1.org/8004/06141415A%2FB", 9, null],
  ["https://id.gs1.org/414/0614141123452", 7, "urn:epc:id:sgln:0614141.12345.0"],
  ["https://id.gs1.org/8003/006141411234525678", 7, "urn:epc:id:grai:0614141.12345.5678"],
  ["https://id.gs1.org/8006/040123451234560102/21/981", 7, "urn:epc:id:itip:4012345.012345.01.02.981"],
  ["https://id.gs1.org/255/401234567890104711", 7, "urn:epc:id:sgcn:4012345.67890.04711"],
  ["https://id.gs1.org/00/106141412345678908", 5, null],
  ["https://id.gs1.org/00/106141412345678908", 13, null],
  ["urn:epc:id:gid:31415.271828.1414", 7, null],
])("%s of a prefix of %i digits is %s", (uri, digits, expected) => {
  expect(pureIdentityOf(uri, digits)).toBe(expected);
});

test.each([
  `urn:epc:id:giai:9521141.${"%2F".repeat(400_000)}`,
  `urn:epc:id:sgtin:${".".repeat(1_000_000)}`,
  `urn:epc:id:giai:9521141.${"1".repeat(1_000_000)}`,
])("a name without end names nothing, and costs no time to be told so: %.40s", (name) => {
  const startedMs = performance.now();
  for (let times = 0; times < 3; times += 1) {
    expect(tagsOf(name)).toEqual([]);
    expect([digitalLinkOf(name), pureIdentityOf(name, 7)]).toEqual([null, null]);
    expect(isSameThing(name, "https://id.gs1.org/01/79521141123453/21/1")).toBe(false);
  }
  // Looked at to its end, one of them takes seconds.
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});
