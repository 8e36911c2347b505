import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeEpc, encodeEpc } from "./epc.ts";
import { digitalLinkOf, tagsOf } from "./pure-identity.ts";

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
          expect(new Set(tags.map((tag) => decodeEpc(tag).uri))).toEqual(new Set([uri]));
          expect(digitalLinkOf(uri)).toBe(digitalLink);
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
])("%j is nobody's identity", (uri) => {
  expect(tagsOf(uri)).toEqual([]);
  expect(digitalLinkOf(uri)).toBeNull();
});
