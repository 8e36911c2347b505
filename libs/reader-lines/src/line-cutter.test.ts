import fc from "fast-check";
import { expect, test } from "vitest";
import { createLineCutter, lineLengthMax } from "./line-cutter.ts";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const cut = (...chunks: readonly string[]) => {
  const cutter = createLineCutter();
  return chunks.flatMap((chunk) => cutter.push(bytes(chunk)));
};

test("lines end with either sign, blank ones say nothing, and the last waits for its end", () => {
  expect(cut("A1\r\nB2\n\n\r C3 \rD4")).toEqual(["A1", "B2", "C3"]);
});

test.each(["A\u00ffB", "A".repeat(lineLengthMax + 1), "\u0000"])("%j spoils its own line alone", (wrong) => {
  expect(cut(`first\n${wrong}\nnext\n`)).toEqual(["first", undefined, "next"]);
});

test("what is found does not depend on where the cable cut it, and nothing is held but one line", () => {
  const letters = fc.constantFrom("A", "7", " ", "\r", "\n", "\u00ff", "EP: 3034");
  fc.assert(
    fc.property(fc.array(letters, { maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (parts, size) => {
      const text = `${parts.join("")}\n`;
      const chunks = text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
      expect(cut(...chunks)).toEqual(cut(text));
    }),
  );
});
