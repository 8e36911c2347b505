import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";

export type TestDatabase = { readonly url: string; readonly [Symbol.asyncDispose]: () => Promise<void> };

/** An empty database of its own in the run's real Postgres; `prepare` fills it. Dropped when disposed. */
export const testDatabase = async (prepare?: (url: string) => Promise<void>): Promise<TestDatabase> => {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const admin = postgres(inject("postgresUrl"), { max: 1, onnotice: () => {} });
  await admin`create database ${admin(name)}`;
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
