import { buffer, text } from "node:stream/consumers";
import { inflateRawSync } from "node:zlib";
import { readSheet } from "read-excel-file/node";
import { expect, test } from "vitest";
import { type Column, exportFormats, type Pages } from "./export-formats.ts";

type Row = { readonly name: string; readonly count: number };
const columns: readonly Column<Row>[] = [
  { name: "name", of: ({ name }) => name },
  { name: "count", of: ({ count }) => count },
];
const pagesOf = async function* (...pages: readonly Row[][]): AsyncGenerator<readonly Row[]> {
  yield* pages;
};
const failing = async function* (): AsyncGenerator<readonly Row[]> {
  yield [{ name: "a", count: 1 }];
  throw new Error("away");
};

test.each(Object.keys(exportFormats) as (keyof typeof exportFormats)[])(
  "a list that fails makes %s fail, not end",
  async (format) => {
    await expect(buffer(exportFormats[format].write(failing(), columns))).rejects.toThrow("away");
  },
);

test("pages are read as the file is, not ahead of it", async () => {
  let read = 0;
  const endless: Pages<Row> = (async function* () {
    for (;;) {
      read += 1;
      yield Array.from({ length: 500 }, (_, count) => ({ name: "x".repeat(100), count }));
    }
  })();
  const file = exportFormats.csv.write(endless, columns);
  file.read();
  for (let round = 0; round < 3; round += 1) await new Promise((resolve) => setTimeout(resolve, 0));
  expect(read).toBeLessThan(10);
  file.destroy();
});

test("characters that a piece would cut in two come out whole", async () => {
  const name = "😀".repeat(40_000);
  const pages = pagesOf([{ name, count: 1 }], [{ name: `a${name}`, count: 2 }]);
  const written = await text(exportFormats.csv.write(pages, columns));
  // Compared as a whole: a difference of eighty thousand characters helps nobody.
  expect(written === `name,count\r\n${name},1\r\na${name},2\r\n`).toBe(true);
});

test("a text that no cell can hold is cut and says so", async () => {
  const file = await buffer(
    exportFormats.xlsx.write(pagesOf([{ name: "y".repeat(40_000), count: 1 }]), columns),
  );
  const [, row] = await readSheet(file);
  expect(String(row?.[0])).toHaveLength(32_767);
  expect(String(row?.[0])).toMatch(/y… \(cut, 40000 characters\)$/);
});

/** The first part of a sheet's file, which is the sheet, as the text that it is. */
const sheetXml = (file: Buffer): string =>
  inflateRawSync(file.subarray(30 + file.readUInt16LE(26) + file.readUInt16LE(28))).toString();

test("no text makes a sheet that cannot be read", async () => {
  const name = "a\u0001\u001F\uFFFEb\uFFFF_xFFFE_";
  const file = await buffer(exportFormats.xlsx.write(pagesOf([{ name, count: 1 }]), columns));
  // XML 1.0 has no such characters, not even escaped as its own: one of them costs all rows.
  expect(sheetXml(file)).toContain("<sheetData>");
  expect(sheetXml(file)).not.toMatch(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u);
  const [, row] = await readSheet(file);
  expect(row?.[0]).toBe(name);
});
