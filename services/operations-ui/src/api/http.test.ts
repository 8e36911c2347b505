import { afterEach, describe, expect, test, vi } from "vitest";
import { call } from "./http.ts";
import { postScans } from "./scans.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A server that answers everything with this body. */
const answerAll = (body: string): void => {
  vi.stubGlobal("fetch", async () => new Response(body));
};

test.each([
  {
    errors: [
      { pointer: "/rules/minRssiDbm", message: "must be <= 0" },
      { pointer: "/timeZone", message: "is missing" },
    ],
    message: "Rules, min rssi dbm must be at most 0; time zone is missing.",
  },
  { errors: [{ pointer: "", message: "must be object" }], message: "What was sent must be object." },
  { errors: [], message: "See errors[]." },
])("what is wrong with fields is said: $message", async ({ errors, message }) => {
  vi.stubGlobal("fetch", async () => Response.json({ detail: "See errors[].", errors }, { status: 400 }));
  expect(await call("/sites")).toMatchObject({ kind: "refused", refusal: { message } });
});

describe("an answer to scans that speaks of no receipts", () => {
  test.each(["{}", "null", '{"receipts":{}}', "[]", "<html>"])(
    "%s is no answer, and is asked for again",
    async (body) => {
      answerAll(body);
      expect(await postScans("yard", [])).toMatchObject({ kind: "refused", refusal: { retryable: true } });
    },
  );
});
