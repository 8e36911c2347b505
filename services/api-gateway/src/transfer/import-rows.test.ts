import { expect, test } from "vitest";
import { csvRows, ndjsonRows } from "./heard-rows.ts";
import { createRowReader, namesATag } from "./import-rows.ts";
import { gather, inChunks } from "./test-chunks.ts";

const readCsv = async (text: string) => {
  const reader = createRowReader("north");
  const rows = (await gather(csvRows(inChunks(text), namesATag))).map(reader.read);
  return { rows, warnings: reader.warnings() };
};
const readNdjson = async (text: string) => {
  const reader = createRowReader("north");
  const rows = (await gather(ndjsonRows(inChunks(text)))).map(reader.read);
  return { rows, warnings: reader.warnings() };
};
const itemsOf = ({ rows }: Awaited<ReturnType<typeof readCsv>>) =>
  rows.map((read) => {
    if (!("item" in read)) return read;
    const { id: _id, ...item } = read.item;
    return item;
  });

test("the old item master's columns and words are understood", async () => {
  const read = await readCsv(
    "TAG_ID,rental_class_num,common_name,bin_location,status,quality,notes,serial_number\n" +
      " e280aa ,72253,Frame 6m,NR4x1,Ready to Rent,a-,null,17\n" +
      "chair-1,100,NA,null,Needs to be Inspected,,two legs,\n",
  );
  expect(itemsOf(read)).toEqual([
    { tag: "E280AA", class: "72253", name: "Frame 6m", place: "NR4x1", status: "ready", quality: "A-" },
    { tag: "chair-1", class: "100", status: "inspect", notes: "two legs" },
  ]);
  expect(read.warnings).toEqual(['column "serial_number" is not known and was left out']);
});

test("our own name of a column goes before an old one, whichever comes first", async () => {
  for (const text of ["tag,tag_id,class\nA,B,x\n", "tag_id,tag,class\nB,A,x\n"]) {
    const read = await readCsv(text);
    expect(itemsOf(read)).toEqual([{ tag: "A", class: "x" }]);
    expect(read.warnings).toEqual(["several columns say tag; one of them was taken"]);
  }
});

test("what a row says wrongly rejects that row", async () => {
  const { rows } = await readCsv(
    `tag,class,status,quality,place\na,x,Ready to Return,,\nb,x,,Z,\nc,x,,,${"p".repeat(65)}\n,x,,,\nd,x\ne,x,,,\n`,
  );
  expect(rows).toMatchObject([
    { row: 1, tag: "A", code: "row_malformed", message: expect.stringContaining("status") },
    {
      row: 2,
      tag: "B",
      code: "row_malformed",
      message: "quality must be one of A+, A, A-, B+, B, B-, C+, C or C-",
    },
    { row: 3, tag: "C", code: "row_malformed", message: expect.stringContaining("place") },
    { row: 4, tag: null, code: "tag_malformed" },
    { row: 5, code: "row_malformed", message: "the row has 2 fields, the header 5" },
    { row: 6, item: { tag: "E", class: "x" } },
  ]);
});

test("a header that names no tag, or none at all, is refused", async () => {
  for (const text of ["", "class,name\nx,y\n", "class;name\nx;y\n", '"tag\n', "{}\n"])
    await expect(readCsv(text)).rejects.toMatchObject({ complaint: { code: "malformed" } });
});

test("a file whose lines nobody can see is refused, not taken for one without rows", async () => {
  await expect(readCsv("tag,class\rA,x\rB,x\r")).rejects.toMatchObject({
    complaint: { code: "malformed", detail: expect.stringContaining("carriage return") },
  });
});

test("a header that comes again is no item, with a byte order mark or without", async () => {
  const { rows } = await readCsv("\uFEFFtag,class\nA,x\n\uFEFFtag,class\ntag, class\nB,x\n");
  expect(rows).toMatchObject([
    { item: { tag: "A" } },
    { row: 2, code: "row_malformed", message: "the row is the header once more" },
    { row: 3, code: "row_malformed", message: "the row is the header once more" },
    { item: { tag: "B" } },
  ]);
});

test("a file is read with the semicolons of a country where the comma is the decimal mark", async () => {
  expect(itemsOf(await readCsv("tag;class;notes\nA;x;1,5 m\n"))).toEqual([
    { tag: "A", class: "x", notes: "1,5 m" },
  ]);
});

test("a tag that a spreadsheet has rounded, or that no number can hold, is refused", async () => {
  const lost = { code: "tag_malformed", message: expect.stringContaining("lost digits") };
  const csv = await readCsv(
    'tag,class\n3.03426E+23,x\n"3,03426E+23",x\n303426000000000000000001,x\nE2E+1,x\n',
  );
  expect(csv.rows).toMatchObject([
    lost,
    lost,
    { item: { tag: "303426000000000000000001" } },
    { item: { tag: "E2E+1" } },
  ]);
  const json = await readNdjson(
    '{"tag":303426000000000000000001,"class":"x"}\n{"tag":9007199254740993,"class":"x"}\n{"tag":300833,"class":"x"}\n',
  );
  expect(json.rows).toMatchObject([lost, lost, { item: { tag: "300833" } }]);
});

test("lines of JSON are rows, and those that are none are rejected", async () => {
  const { rows, warnings } = await readNdjson(
    '{"tag":"a","class":12345,"name":null,"place":"x","version":3}\n\n[]\n{"tag":\n{"tag":{}}\n"a"\n{"__proto__":1,"tag":"b"}\n',
  );
  expect(rows).toMatchObject([
    { row: 1, item: { tag: "A", class: "12345", place: "x" } },
    { row: 2, code: "row_malformed" },
    { row: 3, code: "row_malformed", message: "the line is not JSON" },
    { row: 4, code: "row_malformed" },
    { row: 5, code: "row_malformed" },
    { row: 6, item: { tag: "B" } },
  ]);
  expect(warnings).toHaveLength(2);
});

test("the same row has the same id in every file of its site, and another one elsewhere or under another key", () => {
  const fields = new Map([
    ["tag", "e280"],
    ["class", " chair "],
  ]);
  const again = new Map([
    ["name", ""],
    ["rental_class_num", "chair"],
    ["tag_id", " E280 "],
  ]);
  const idOf = (read: ReturnType<ReturnType<typeof createRowReader>["read"]>) =>
    "item" in read ? read.item.id : "";
  const id = idOf(createRowReader("north").read({ row: 1, fields }));
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(idOf(createRowReader("north").read({ row: 9, fields: again }))).toBe(id);
  expect(idOf(createRowReader("south").read({ row: 1, fields }))).not.toBe(id);
  expect(idOf(createRowReader("north", "key").read({ row: 1, fields }))).not.toBe(id);
});
