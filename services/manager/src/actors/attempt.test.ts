import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AttemptOutcome, failingMsMax, judgeAttempt } from "./attempt.ts";
import { retryDelaysMs } from "./retry-schedule.ts";

const outcome = (status: number | null, retryAfterMs: number | null = null): AttemptOutcome => {
  const ok = status !== null && status >= 200 && status < 300;
  return { ok, status, error: ok ? null : "no", durationMs: 5, retryAfterMs };
};
const pace = { delaysMs: retryDelaysMs, dice: 0.5 };
const fresh = { step: 0, failingForMs: 0 };

describe("an attempt", () => {
  test("that was answered 2xx is delivered, whatever else the answer says", () => {
    for (const status of [200, 201, 202, 204, 299])
      expect(
        judgeAttempt(outcome(status, 60_000), { step: 4, failingForMs: failingMsMax * 2 }, pace),
      ).toEqual({
        ...{ state: "delivered", step: 4, retryInMs: null, throttleMs: null, disable: null },
      });
  });

  test.each([null, 301, 307, 400, 401, 404, 429, 500, 502, 503])(
    "that came to %s is tried again",
    (status) => {
      expect(judgeAttempt(outcome(status), fresh, pace)).toEqual({
        ...{ state: "pending", step: 1, retryInMs: 5_000, throttleMs: null, disable: null },
      });
    },
  );

  test("that was answered 410 ends the endpoint at once", () => {
    expect(judgeAttempt(outcome(410, 60_000), fresh, pace)).toMatchObject({
      state: "failed",
      disable: "gone",
    });
  });

  test.each([429, 502, 503, 504])(
    "that was answered %i with Retry-After makes the endpoint wait",
    (status) => {
      expect(judgeAttempt(outcome(status, 60_000), { step: 3, failingForMs: 1 }, pace)).toEqual({
        ...{ state: "pending", step: 3, retryInMs: 60_000, throttleMs: 60_000, disable: null },
      });
    },
  );

  test.each([400, 500])("that was answered %i does not, whatever Retry-After says", (status) => {
    expect(judgeAttempt(outcome(status, 60_000), fresh, pace)).toMatchObject({
      throttleMs: null,
      retryInMs: 5_000,
    });
  });

  test("that fails at an endpoint which took nothing for days ends the endpoint", () => {
    const before = { step: 0, failingForMs: failingMsMax + 1 };
    expect(judgeAttempt(outcome(429, 60_000), before, pace)).toMatchObject({
      state: "pending",
      disable: "failing",
    });
    expect(judgeAttempt(outcome(500), { ...before, failingForMs: failingMsMax }, pace).disable).toBeNull();
  });
});

test("an event that always fails is tried ten times within four days, and then its endpoint ends", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 10, maxLength: 10 }),
      (dice) => {
        let step = 0;
        let waitedMs = 0;
        for (const [attempt, one] of dice.entries()) {
          const verdict = judgeAttempt(
            outcome(500),
            { step, failingForMs: 0 },
            { delaysMs: retryDelaysMs, dice: one },
          );
          step = verdict.step;
          waitedMs += verdict.retryInMs ?? 0;
          const isLast = attempt === dice.length - 1;
          expect(verdict.state).toBe(isLast ? "failed" : "pending");
          expect(verdict.disable).toBe(isLast ? "exhausted" : null);
        }
        expect(waitedMs).toBeGreaterThan(2.5 * 86_400_000);
        expect(waitedMs).toBeLessThan(4 * 86_400_000);
      },
    ),
  );
});
