import { openStore } from "@tagwire/store";
import { quietLog, testDatabase } from "@tagwire/testing";
import { expect, test } from "vitest";
import { textArray } from "./rows.ts";

test("whatever is in a column arrives as it was", async () => {
  await using database = await testDatabase();
  const store = await openStore({ url: database.url, schema: "test", name: "test", log: quietLog() });
  const values = [
    null,
    "",
    "NULL",
    "null",
    '"',
    "\\",
    '\\"',
    "{a,b}",
    " a ",
    "a\nb\tc",
    '{"place":"dock \\"4\\""}',
    "Ä椅🪑",
    "$&",
  ];
  const rows = await store.sql<{ value: string | null }[]>`
    select value from unnest(${textArray(values)}::text::text[]) with ordinality as given (value, number) order by number`;
  expect(rows.map(({ value }) => value)).toEqual(values);
  expect(await store.sql`select ${textArray([])}::text::text[] as none`).toEqual([{ none: [] }]);
  await store.close();
});
