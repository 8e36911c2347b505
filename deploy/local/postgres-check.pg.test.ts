import { testDatabase } from "@tagwire/testing";
import { expect, test } from "vitest";
import { checkPostgres } from "./postgres-check.ts";

test("a Postgres that lets us in says its version", async () => {
  await using database = await testDatabase();
  expect(await checkPostgres(database.url)).toMatch(/^\d+\.\d+$/);
});

test.each([
  { what: "a wrong password", wrong: (url: URL) => (url.password = "not-the-password") },
  { what: "a database that is not there", wrong: (url: URL) => (url.pathname = "/not_there") },
])("$what is found at the start, and no password is said", async ({ wrong }) => {
  await using database = await testDatabase();
  const url = new URL(database.url);
  const { password } = url;
  wrong(url);
  const check = checkPostgres(url.href);
  await expect(check).rejects.toThrow(/^DATABASE_URL: Postgres does not let us in/);
  await expect(check).rejects.not.toThrow(new RegExp(`${password}|not-the-password`));
});
