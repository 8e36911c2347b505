import { tagSetDigest } from "@tagwire/digest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { tagSetOf } from "./declare.ts";
import { forgetScanned, isNoted, notedAt, noteScanned, noteTooLate, scannedInto } from "./scanned-tags.ts";

test("a browser makes the digest that the server makes, whatever the tags are", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: "grapheme", minLength: 1 })), async (tags) => {
      expect(await tagSetOf(tags)).toEqual({ count: new Set(tags).size, digest: tagSetDigest(tags) });
    }),
  );
});

test("what was scanned into a session is kept in the one form of tags, each once, until it is over", () => {
  const site = "yard";
  noteScanned({ site, session: "s1" }, [" e200abcd ", "E200ABCD", "house-7"]);
  noteScanned({ site, session: "s2" }, ["x", "late"]);
  noteScanned({ site, session: "s1" }, ["", "house-7"]);
  noteScanned({ site: "north", session: "s3" }, []);
  noteTooLate("s2", "LATE");
  noteTooLate("s2", "late");
  expect(scannedInto("s1")).toEqual(["E200ABCD", "house-7"]);
  expect(notedAt(site)).toEqual(["s1", "s2"]);
  expect([isNoted("s3"), isNoted("s4")]).toEqual([true, false]);
  forgetScanned("s1");
  expect(scannedInto("s1")).toEqual([]);
  expect(scannedInto("s2")).toEqual(["x"]);
});
