import { afterEach, describe, expect, test, vi } from "vitest";
import { postScans } from "./scans.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A server that answers everything with this body. */
const answerAll = (body: string): void => {
  vi.stubGlobal("fetch", async () => new Response(body));
};

describe("an answer to scans that speaks of no receipts", () => {
  test.each(["{}", "null", '{"receipts":{}}', "[]", "<html>"])(
    "%s is no answer, and is asked for again",
    async (body) => {
      answerAll(body);
      expect(await postScans("yard", [])).toMatchObject({ kind: "refused", refusal: { retryable: true } });
    },
  );
});
