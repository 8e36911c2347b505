import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { chainHash, chainStart } from "./chain.ts";

test("a link is SHA-256 over the previous hash and the text", () => {
  const first = chainHash(chainStart, "");
  // SHA-256 of 32 zero bytes, a value found in many places.
  expect(first).toBe("66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925");
  const expected = createHash("sha256").update(first, "hex").update('{"tag":"é"}', "utf8").digest("hex");
  expect(chainHash(first, '{"tag":"é"}')).toBe(expected);
});

test("changing any text of a chain changes its head", () => {
  const head = (texts: readonly string[]): string => texts.reduce(chainHash, chainStart);
  const texts = fc.array(fc.string(), { minLength: 1 });
  fc.assert(
    fc.property(texts, fc.nat(), (original, at) => {
      const changed = original.with(at % original.length, `${original[at % original.length]}!`);
      expect(head(changed)).not.toBe(head(original));
      expect(head([...original, ""])).not.toBe(head(original));
    }),
  );
});

test.each([
  ["", "an empty hash"],
  ["00", "a short hash"],
  ["A".repeat(64), "capitals"],
  ["g".repeat(64), "no hex"],
])("%j (%s) is no previous hash", (previous) => {
  expect(() => chainHash(previous, "{}")).toThrow(TypeError);
});
