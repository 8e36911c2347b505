import fc from "fast-check";
import { expect, test } from "vitest";
import { listenTo, type ReaderKind } from "./spoken.ts";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const hear = (kind: ReaderKind, ...chunks: readonly string[]) => {
  const ear = listenTo(kind);
  const spoken = chunks.map((chunk) => ear.push(bytes(chunk)));
  return {
    tags: spoken.flatMap(({ tags }) => tags),
    unread: spoken.reduce((sum, { unread }) => sum + unread, 0),
  };
};
const epc = "330DE29525C0210005F5F8F2";
const other = "41524E4C3030303030310000";
/** A trigger pull of a TSL 1128 with strength on, and its answer to a question between. */
const pull = `CS: .iv\r\nEP: ${epc}\r\nRI: -43\r\nEP: ${other}\r\nRI: -64\r\nOK:\r\n\r\nCS: .bl\r\nBP: 80%\r\nOK:\r\n\r\n`;

test("a plain reader says a tag in each line, however it writes them, and that it lives", () => {
  const text = `${epc}\r\n{"epc":"${other}","isHeartBeat":false}\r\n{"epc":"","isHeartBeat":true}\r\n`;
  expect(hear("lines", text)).toEqual({ tags: [epc, other], unread: 0 });
});

test("a TSL reader's tags are whole with what follows them", () => {
  expect(hear("tsl", pull)).toEqual({ tags: [epc, other], unread: 0 });
  expect(hear("tsl", `CS: .iv\r\nEP: ${epc}\r\n`).tags).toEqual([]);
});

test.each<[ReaderKind, string, number]>([
  ["lines", "hello\r\n", 1],
  ["lines", `${epc}${epc}${epc}\r\n`, 1],
  ["tsl", `${epc}\r\n`, 1],
  ["tsl", "EP: 330DE29\r\nOK:\r\n", 1],
  ["tsl", "\u00ff\u00fe\r\n", 1],
])("%s: what is no tag is counted and never taken: %j", (kind, text, unread) =>
  expect(hear(kind, text)).toEqual({ tags: [], unread }),
);

test("what is heard does not depend on where the cable cut it", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 60 }), (sizes) => {
      const chunks: string[] = [];
      for (let at = 0, turn = 0; at < pull.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1;
        chunks.push(pull.slice(at, at + size));
        at += size;
      }
      expect(hear("tsl", ...chunks)).toEqual({ tags: [epc, other], unread: 0 });
    }),
  );
});
