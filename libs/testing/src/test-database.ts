import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";

export type TestDatabase = { readonly url: string; readonly [Symbol.asyncDispose]: () => Promise<void> };

/**
 * A database of its own in the run's real Postgres: empty, or a copy of another one, to which nobody may be connected then. `prepare` fills
 * it. Dropped when disposed.
 */
export const testDatabase = async (
  prepare?: (url: string) => Promise<void>,
  copied?: TestDatabase,
): Promise<TestDatabase> => {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const admin = postgres(inject("postgresUrl"), { max: 1, onnotice: () => {} });
  const like = copied === undefined ? "template1" : new URL(copied.url).pathname.slice(1);
  await admin`create database ${admin(name)} template ${admin(like)}`;
  const url = new URL(inject("postgresUrl"));
  url.pathname = `/${name}`;
  await prepare?.(url.href);
  return {
    url: url.href,
    [Symbol.asyncDispose]: async () => {
      await admin`drop database if exists ${admin(name)} with (force)`;
      await admin.end();
    },
  };
};
