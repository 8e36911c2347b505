import fc from "fast-check";
import { expect, test } from "vitest";
import { describeTag } from "./classify.ts";

test("a GS1 tag says who it is, whatever the case of its letters", () => {
  const expected = {
    scheme: "sgtin-96",
    uri: "urn:epc:id:sgtin:0614141.812345.6789",
    tagUri: "urn:epc:tag:sgtin-96:3.0614141.812345.6789",
    digitalLink: "https://id.gs1.org/01/80614141123458/21/6789",
  };
  expect(describeTag("3074257BF7194E4000001A85")).toEqual(expected);
  expect(describeTag("3074257bf7194e4000001a85", 0x3000)).toEqual(expected);
});

test.each([
  { what: "nothing", tag: "", scheme: "opaque" },
  { what: "a printed label", tag: "425445123456789012345678", scheme: "opaque" },
  { what: "text", tag: "hello", scheme: "opaque" },
  { what: "hex with a stray letter", tag: "3074257BF7194E4000001A8l", scheme: "opaque" },
  { what: "more digits than a tag can hold", tag: "E2".padEnd(129, "0"), scheme: "opaque" },
  { what: "an unprogrammed tag", tag: "000000000000000000000000", scheme: "opaque" },
  { what: "partition 7", tag: "307C257BF7194E4000001A85", scheme: "opaque" },
  { what: "the header of SGTIN+ before no digits", tag: "F74257BF7194E4000001A850", scheme: "opaque" },
  { what: "an SGTIN+ with a wrong check digit", tag: "F73795211411234548566CB0AFC4", scheme: "opaque" },
  { what: "an SGTIN+ that is cut off", tag: "F73795211411234538566C", scheme: "opaque" },
  { what: "a chip's class id", tag: "E2801160600002081A2B3C4D", scheme: "tid" },
  { what: "a chip's class id in small letters", tag: "e2801160600002081a2b3c4d", scheme: "tid" },
])("$what is $scheme", ({ tag, scheme }) => {
  expect(describeTag(tag)).toEqual({ scheme });
});

test("the toggle bit of the protocol control word keeps ISO content from being read as GS1", () => {
  expect(describeTag("3074257BF7194E4000001A85", 0x31a1)).toEqual({ scheme: "iso" });
  expect(describeTag("E2801160600002081A2B3C4D", 0x3100)).toEqual({ scheme: "iso" });
  expect(describeTag("not a tag", 0x3100)).toEqual({ scheme: "opaque" });
});

test("no text at all makes it throw", () => {
  const header = fc.constantFrom(
    ..."2C 2D 2E 2F 30 31 32 33 34 35 36 37 38 39 3A 3B 3C 3D 3E 3F 40 41 E2".split(" "),
    ..."E6 E7 E8 E9 EA EB EC ED EE EF F0 F1 F2 F3 F4 F5 F6 F7 F8 F9 FA FB FC FD".split(" "),
  );
  const hex = fc.string({ unit: fc.constantFrom(..."0123456789ABCDEFabcdef"), maxLength: 140 });
  const tags = fc.oneof(
    fc.tuple(header, hex).map(([first, rest]) => first + rest),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(tags, fc.option(fc.integer(), { nil: undefined }), (tag, pc) => {
      expect(describeTag(tag, pc).scheme).toMatch(/^(?:opaque|tid|iso|[a-z]+(?:-\d+|-var|\+\+?))$/);
    }),
    { numRuns: 2000 },
  );
});
