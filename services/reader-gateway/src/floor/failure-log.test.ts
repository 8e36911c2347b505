import { Fault } from "@tagwire/messages";
import { keptLog } from "@tagwire/testing";
import { expect, test } from "vitest";
import { createFailureLog, sameFailureEveryMs } from "./failure-log.ts";

/** What is logged, as whoever keeps logs gets it, on a clock that only the test moves. */
const logged = () => {
  const { log, lines } = keptLog();
  let atMs = 0;
  const { failed } = createFailureLog(log, () => atMs);
  return {
    lines,
    failed,
    pass: (ms: number) => {
      atMs += ms;
    },
  };
};

const away = () =>
  new Fault("reader.unreachable", "10.0.0.9:5084", { cause: new Error("connect ECONNREFUSED") });

test("a reader that is away is one line without a stack, however often it is tried", () => {
  const { lines, failed, pass } = logged();
  for (let times = 0; times < 100; times += 1) {
    failed(away(), 30_000);
    pass(30_000);
  }
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({
    code: "reader.unreachable",
    reason: expect.stringContaining("10.0.0.9:5084"),
    retryInMs: 30_000,
  });
  expect(JSON.stringify(lines)).not.toContain("stack");
});

test("another reason is said at once, and the same one again after an hour with how often it was met", () => {
  const { lines, failed, pass } = logged();
  failed(away(), 500);
  failed(new Fault("reader.refused", "one client only"), 500);
  failed(away(), 500);
  for (let times = 0; times < 3; times += 1) failed(away(), 500);
  pass(sameFailureEveryMs);
  failed(away(), 500);
  expect(lines.map(({ code, timesSince }) => [code, timesSince])).toEqual([
    ["reader.unreachable", undefined],
    ["reader.refused", undefined],
    ["reader.unreachable", undefined],
    ["reader.unreachable", 4],
  ]);
});

test("a mistake in a driver has its stack, once", () => {
  const { lines, failed } = logged();
  for (let times = 0; times < 3; times += 1) failed(new TypeError("undefined is not a function"), 500);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ err: { stack: expect.stringContaining("failure-log.test.ts") } });
});
