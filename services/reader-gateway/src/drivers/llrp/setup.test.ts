import { Fault } from "@tagwire/messages";
import { describe, expect, test } from "vitest";
import { driverStopTimeoutMs } from "../driver.ts";
import { m100Limits } from "../m100/limits.ts";
import { llrpLimits } from "./limits.ts";
import { type Asked, sayGoodbye } from "./setup.ts";

type Asking = { readonly name: string; readonly timeoutMs: number | undefined };

/** A connection to a reader that leaves these unanswered until the time for it is over, and refuses the rest. */
const connectionTo = (silentTo: readonly string[]) => {
  const asked: Asking[] = [];
  const connection: Asked = {
    hasEnded: false,
    request: (name, _content, how = {}) => {
      asked.push({ name, timeoutMs: how.timeoutMs });
      return Promise.reject(new Fault(silentTo.includes(name) ? "reader.silent" : "reader.error", name));
    },
  };
  return { connection, asked };
};

describe("a farewell", () => {
  test.each([
    { silentTo: [] },
    { silentTo: ["STOP_ROSPEC"] },
    { silentTo: ["STOP_ROSPEC", "DELETE_ROSPEC", "CLOSE_CONNECTION"] },
  ])("gives each of its steps the same time when $silentTo stay unanswered", async ({ silentTo }) => {
    const { connection, asked } = connectionTo(silentTo);
    await sayGoodbye(connection, { hasRoSpec: true }, { goodbyeStepTimeoutMs: 70 });
    expect(asked).toEqual([
      { name: "STOP_ROSPEC", timeoutMs: 70 },
      { name: "DELETE_ROSPEC", timeoutMs: 70 },
      { name: "CLOSE_CONNECTION", timeoutMs: 70 },
    ]);
  });

  test("only closes when nothing was begun", async () => {
    const { connection, asked } = connectionTo([]);
    await sayGoodbye(connection, { hasRoSpec: false }, { goodbyeStepTimeoutMs: 70 });
    expect(asked.map(({ name }) => name)).toEqual(["CLOSE_CONNECTION"]);
  });

  test("of any driver fits into the time it has to stop", () => {
    expect(3 * llrpLimits.goodbyeStepTimeoutMs).toBeLessThan(driverStopTimeoutMs);
    expect(m100Limits.answerTimeoutMs).toBeLessThan(driverStopTimeoutMs);
  });
});
