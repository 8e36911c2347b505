import { expect, test } from "vitest";
import { settingsRows } from "./settings-rows.ts";

const good = { id: "dock", driver: "llrp", address: "10.0.0.1", region: null };

test.each([
  { what: "a list", isLines: false, text: JSON.stringify([good]) },
  { what: "lines", isLines: true, text: `\uFEFF${JSON.stringify(good)}\r\n\n` },
])("$what of settings is read as it is", async ({ text, isLines }) => {
  expect(await settingsRows(Buffer.from(text), isLines)).toEqual([
    { row: 1, reader: "dock", settings: good },
  ]);
});

test("a row that cannot be is told with the reason, and the next one is read", async () => {
  const lines = [
    '{"id":"a","driver":"magic"}',
    '{"id":"a","colour":"red"}',
    "no json",
    '{"driver":"llrp"}',
    '{"id":"a","session":2}',
    '{"id":"a","session":3}',
  ];
  const rows = await settingsRows(Buffer.from(lines.join("\n")), true);
  expect(rows).toMatchObject([
    { row: 1, reader: "a", code: "row_malformed", message: expect.stringContaining("/driver") },
    {
      row: 2,
      reader: "a",
      code: "row_malformed",
      message: expect.stringMatching(/^\/colour is not known here; there is id, .*driver/),
    },
    { row: 3, reader: null, code: "row_malformed", message: "the line is not JSON" },
    { row: 4, reader: null, code: "row_malformed", message: "/id is missing" },
    { row: 5, reader: "a", settings: { id: "a", session: 2 } },
    { row: 6, reader: "a", code: "row_malformed", message: "the reader is in an earlier row" },
  ]);
});

test.each(["", "{", '{"id":"a"}'])("%s is no list, and the whole file is refused", async (text) => {
  await expect(settingsRows(Buffer.from(text), false)).rejects.toMatchObject({
    complaint: { code: "malformed" },
  });
});
