import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CsvRecord, csvRecordsOf, recordLinesMax } from "./csv-records.ts";
import { lineBytesMax, linesOf } from "./lines.ts";
import { gather, inChunks } from "./test-chunks.ts";

const recordsOf = (bytes: Buffer | string, size?: number): Promise<CsvRecord[]> =>
  gather(csvRecordsOf(linesOf(inChunks(bytes, size))));

/** Records as their fields, broken ones as the reason. */
const briefly = (records: readonly CsvRecord[]) =>
  records.map((record) => ("fields" in record ? record.fields : record.broken));

const unclosed = "a quote is not closed";

test.each<{ what: string; text: Buffer | string; is: unknown[] }>([
  { what: "nothing", text: "", is: [] },
  {
    what: "lines of every ending, and no last one",
    text: "a,b\r\nc,d\ne,f",
    is: [
      ["a", "b"],
      ["c", "d"],
      ["e", "f"],
    ],
  },
  { what: "a byte order mark", text: "\uFEFFa,b\n", is: [["a", "b"]] },
  { what: "a quoted field behind a byte order mark", text: '\uFEFF"a",b\n', is: [["a", "b"]] },
  {
    what: "semicolons, as the header has them",
    text: 'a;b\n1,5;"c;d"\n',
    is: [
      ["a", "b"],
      ["1,5", "c;d"],
    ],
  },
  {
    what: "tabs, as the header has them behind a quoted comma",
    text: '"a,b"\tc\n1,5\td;e\n',
    is: [
      ["a,b", "c"],
      ["1,5", "d;e"],
    ],
  },
  {
    what: "semicolons within a header of commas",
    text: "a,b;c\n1;2,3\n",
    is: [
      ["a", "b;c"],
      ["1;2", "3"],
    ],
  },
  { what: "empty lines", text: "\n\r\na,b\n\n", is: [["a", "b"]] },
  { what: "empty fields", text: ",\n", is: [["", ""]] },
  { what: "an empty quoted field", text: '""\n"",\n', is: [[""], ["", ""]] },
  {
    what: "quotes, commas and line breaks within quotes",
    text: '"a""b","c,d","e\r\nf\n"\n',
    is: [['a"b', "c,d", "e\r\nf\n"]],
  },
  { what: "a return that ends no line", text: "a\rb,c\r\n", is: [["a\rb", "c"]] },
  {
    what: "a quote within a field",
    text: 'a,b"c\nd,e\n',
    is: [expect.stringContaining("quote"), ["d", "e"]],
  },
  {
    what: "text after a closing quote",
    text: '"a"b,c\nd,e\n',
    is: ["text follows a closing quote", ["d", "e"]],
  },
  { what: "a quote that is never closed", text: 'a,"b\nc,d\ne,f\n', is: [unclosed, ["c", "d"], ["e", "f"]] },
  {
    what: "a quote that another one closes wrongly",
    text: 'a,"b\nc,d\n"e",f\n',
    is: [unclosed, ["c", "d"], ["e", "f"]],
  },
  { what: "a quote that opens at the very end", text: 'a,b\n"', is: [["a", "b"], unclosed] },
  {
    what: "bytes that are not UTF-8",
    text: Buffer.from([0x61, 0xff, 0x0a, 0x62, 0x0a]),
    is: ["the line is not UTF-8", ["b"]],
  },
  {
    what: "half a character at the end",
    text: Buffer.from([0x61, 0x0a, 0xc3]),
    is: [["a"], "the line is not UTF-8"],
  },
  {
    what: "an overlong encoding",
    text: Buffer.from([0xc0, 0xaf, 0x0a, 0x62]),
    is: ["the line is not UTF-8", ["b"]],
  },
  {
    what: "a surrogate in UTF-8",
    text: Buffer.from([0xed, 0xa0, 0x80, 0x0a, 0x62]),
    is: ["the line is not UTF-8", ["b"]],
  },
  { what: "a NUL", text: "a\u0000b\nc\n", is: ["the line holds a NUL", ["c"]] },
  { what: "UTF-16", text: Buffer.from("a,b\n", "utf16le"), is: [expect.any(String), expect.any(String)] },
  {
    what: "an unreadable line within a quoted field",
    text: '"a\n\u0000\nb\n',
    is: [unclosed, "the line holds a NUL", ["b"]],
  },
  {
    what: "a line that is too long",
    text: `${"x".repeat(lineBytesMax + 1)}\na\n`,
    is: [expect.stringContaining("longer"), ["a"]],
  },
  {
    what: "a line as long as it may be",
    text: `${"x".repeat(lineBytesMax)}\n`,
    is: [["x".repeat(lineBytesMax)]],
  },
  {
    what: "a quoted field over too many lines",
    text: `"${"\n".repeat(recordLinesMax + 1)}"\na\n`,
    is: expect.arrayContaining([unclosed, ["a"]]),
  },
])("$what, however it is cut", async ({ text, is }) => {
  for (const size of [Number.POSITIVE_INFINITY, 1_000, 7, 1]) {
    if (size === 1 && text.length > 10_000) continue;
    expect(briefly(await recordsOf(text, size)), `chunks of ${size}`).toEqual(is);
  }
});

test("what is well formed is read as another reader reads it", async () => {
  const field = fc.string({ unit: fc.constantFrom("a", "ö", "😀", ",", '"', "\r", "\n", " ", "'", "=") });
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(field, { minLength: 2, maxLength: 5 }), { maxLength: 8 }),
      fc.constantFrom("\n", "\r\n"),
      fc.integer({ min: 1, max: 20 }),
      async (rows, ending, size) => {
        const text = rows.map((fields) => `${fields.map(quoted).join(",")}${ending}`).join("");
        const read = briefly(await recordsOf(text, size));
        expect(read).toEqual(rows);
        expect(read).toEqual(
          parse(text, { record_delimiter: ending, relax_column_count: true, skip_empty_lines: true }),
        );
      },
    ),
  );
});

test("no bytes at all stop it, and it holds on to no more of them than it may", async () => {
  const nasty = fc.array(
    fc.constantFrom<string | Buffer>(
      '"',
      '""',
      ",",
      "\n",
      "\r\n",
      "\u0000",
      "a",
      "\uFEFF",
      Buffer.from([0xff]),
      "é",
    ),
    { maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(nasty, fc.integer({ min: 1, max: 9 }), async (parts, size) => {
      const bytes = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
      const records = await recordsOf(bytes, size);
      const newlines = bytes.filter((byte) => byte === 0x0a).length;
      expect(records.length).toBeLessThanOrEqual(newlines + 1);
      expect(records).toEqual(await recordsOf(bytes));
    }),
  );
});
