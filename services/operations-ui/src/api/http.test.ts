import { afterEach, describe, expect, test, vi } from "vitest";
import { roughClockOffsetMs } from "./http.ts";
import { postScans } from "./scans.ts";
import { fetchSession } from "./session.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A server that answers everything with this body, at this time of its own clock. */
const answerAll = (body: string, serverMs = Date.now()): void => {
  const headers = { date: new Date(serverMs).toUTCString() };
  vi.stubGlobal("fetch", async () => new Response(body, { headers }));
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

describe("the clock of this device", () => {
  test.each([
    { what: "as good as right", offMs: 1_400, shownMs: [0, 0] },
    { what: "20 minutes slow", offMs: 1_200_000, shownMs: [1_199_000, 1_201_000] },
    { what: "a day fast", offMs: -86_400_000, shownMs: [-86_401_000, -86_399_000] },
  ])("is known to be $what from the date of an answer", async ({ offMs, shownMs: [least, most] }) => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 2, 1, 10, 0, 0, 300) });
    answerAll('{"name":"Ann","demo":false}', Date.now() + offMs);
    await fetchSession();
    expect(roughClockOffsetMs()).toBeGreaterThanOrEqual(least ?? 0);
    expect(roughClockOffsetMs()).toBeLessThanOrEqual(most ?? 0);
  });

  test("stays as it was known when an answer has no date", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 2, 1) });
    answerAll("{}", Date.now() + 600_000);
    await fetchSession();
    const known = roughClockOffsetMs();
    vi.stubGlobal("fetch", async () => new Response("{}"));
    await fetchSession();
    expect(roughClockOffsetMs()).toBe(known);
    expect(known).not.toBe(0);
  });
});
