import postgres from "postgres";
import { describe, expect, test } from "vitest";
import { faultOfStore, isStoreAway } from "./store-away.ts";

const systemError = (code: string) => Object.assign(new Error("no way"), { code });
const sqlError = (code: string) => Object.assign(Object.create(postgres.PostgresError.prototype), { code });

describe("the world's fault", () => {
  test.each([
    ...["ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "ETIMEDOUT"],
    ...["EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN", "CONNECTION_CLOSED", "CONNECT_TIMEOUT"],
  ])("is a way that broke with %s", (code) => {
    expect(isStoreAway(systemError(code))).toBe(true);
    expect(faultOfStore(systemError(code))).toMatchObject({ code: "store.unreachable", retryable: true });
  });

  test.each(["08006", "53300", "57P01", "57014", "25006", "25P03", "25P04", "55000"])(
    "is Postgres saying %s",
    (code) => {
      expect(isStoreAway(sqlError(code))).toBe(true);
    },
  );
});

describe("our own mistake", () => {
  test.each([
    sqlError("23505"),
    sqlError("42P01"),
    sqlError("25P01"),
    systemError("ENOENT"),
    new Error("25006"),
  ])("is %o", (error) => {
    expect(isStoreAway(error)).toBe(false);
    expect(faultOfStore(error)).toBeUndefined();
  });
});
