import { csvLine, guardText, unguardText } from "@tagwire/messages";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";

test.each([
  ["=1+1", "'=1+1"],
  ["+49", "'+49"],
  ["-5", "'-5"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\tx", "'\tx"],
  ["\rx", "'\rx"],
  ["＝1", "'＝1"],
  ["'=1", "''=1"],
  ["'tis", "'tis"],
  [" =1+1", "' =1+1"],
  ["\u00A0 -5", "'\u00A0 -5"],
  ["a; =b", "a;' =b"],
  ["a=b", "a=b"],
  [" a=b", " a=b"],
  ["a;b", "a;b"],
  ["a;=b", "a;'=b"],
  ['a;"=b', "a;'\"=b"],
  ["a;'=b", "a;''=b"],
  ["a\r\n-b", "a\r\n'-b"],
  ["\t=a", "'\t'=a"],
  ["", ""],
])("%j is written as %j", (text, written) => {
  expect(guardText(text)).toBe(written);
  expect(unguardText(written)).toBe(text);
});

test("numbers stay numbers, nothing stays nothing, lines end with CRLF", () => {
  expect(csvLine([-5, 0, null, "-5", 'a"b', "c,d", "e\rf", "g\nh"])).toBe(
    `-5,0,,'-5,"a""b","c,d","e\rf","g\nh"\r\n`,
  );
});

test("whatever is written, no field begins like a formula and all comes back", () => {
  const text = fc.string({
    unit: fc.constantFrom("=", "+", "-", "@", "\t", "\r", "\n", "'", '"', ",", ";", "a", "＋", " "),
  });
  fc.assert(
    fc.property(fc.array(text, { minLength: 2, maxLength: 6 }), (texts) => {
      const [record] = parse(csvLine(texts), { record_delimiter: "\r\n" }) as string[][];
      for (const field of record ?? []) expect(field).not.toMatch(/^ *[=+\-@\t\r\n＝＋－＠]/);
      expect(record?.map(unguardText)).toEqual(texts);
      // Cut as where the comma is the decimal mark: at semicolons, with quotes that begin no cell as they are.
      for (const cell of csvLine(texts)
        .split(/[;\t\r\n]/)
        .slice(1))
        expect(cell).not.toMatch(/^[ "]*[=+\-@＝＋－＠]/);
    }),
  );
});
