import { Fault } from "@tagwire/messages";
import fc from "fast-check";
import { expect, test } from "vitest";
import { messageOf, readPage } from "./envelope.ts";
import { rfidproLimits } from "./settings.ts";

const asked = { offset: 0, limit: 200 };
const page = (change: object = {}) => ({
  ...{ totalcount: "1", data: [{ tag_id: "A" }], result: { success: "True" } },
  ...change,
});
const read = (text: string) => readPage(text, asked, rfidproLimits);
const codeOf = (text: string): string => {
  try {
    read(text);
    return "read";
  } catch (error) {
    return error instanceof Fault ? error.code : String(error);
  }
};
const garbled = expect.objectContaining({ code: "rfidpro.garbled" });

test("counts are text or numbers, success is a word or a truth value, a mark before the text is none of it", () => {
  const whole = { total: 1, rows: [{ tag_id: "A" }] };
  expect(read(JSON.stringify(page()))).toEqual(whole);
  expect(read(JSON.stringify(page({ totalcount: " 1 ", returncount: "1 " })))).toEqual(whole);
  expect(read(`\ufeff${JSON.stringify(page({ totalcount: 1, result: { success: true } }))}`)).toEqual(whole);
});

test.each([
  { totalcount: "1 row" },
  { totalcount: "" },
  { totalcount: "  " },
  { totalcount: "1,000" },
  { totalcount: "1e0" },
  { totalcount: 1.5 },
  { totalcount: null },
  { data: null },
  { data: [null] },
  { data: [[]] },
  { result: {} },
  { returncount: "2" },
  { offset: 5 },
  { data: Array.from({ length: 201 }, () => ({})) },
  { data: [Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`f${index}`, ""]))] },
])("%j is no page", (change) => {
  expect(() => read(JSON.stringify(page(change)))).toThrow(garbled);
});

test("brackets in a text do not nest, and those outside of it do", () => {
  expect(read(JSON.stringify(page({ data: [{ tag_id: `"\\${"[{".repeat(100)}` }] }))).rows).toHaveLength(1);
  expect(() => read(`${"[".repeat(17)}${"]".repeat(17)}`)).toThrow(garbled);
});

test("whatever is sent instead of a page, it is told by a code", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.json()), (text) => {
      expect(codeOf(text)).toMatch(/^rfidpro\./);
      expect(messageOf(text)).toBe("");
    }),
  );
});

test("a message is told as far as people can read it", () => {
  const text = JSON.stringify({ result: { message: `no\u0000 \u001b[31m${"x".repeat(500)}` } });
  expect(messageOf(text)).toMatch(/^no [ -~]{197}$/);
});
