import { expect, test } from "vitest";
import {
  closingLine,
  countTests,
  filesToRunAgain,
  type Report,
  slowest,
  summarise,
  unsteady,
  withSecondRun,
} from "./test-report.ts";

const file = (name: string, ...statuses: string[]): Report["testResults"][number] => ({
  name: `/tagwire/${name}`,
  status: statuses.includes("failed") ? "failed" : "passed",
  assertionResults: statuses.map((status, index) => ({ fullName: `test ${index}`, status })),
});

test("every test is counted once, and what did not run is skipped", () => {
  const report = {
    testResults: [file("libs/a/src/x.test.ts", "passed", "failed", "skipped", "todo", "pending")],
  };
  expect(countTests(report, 1)).toEqual({ passed: 1, failed: 1, skipped: 3 });
});

test("a file that does not load is a failure", () => {
  const report = {
    testResults: [
      file("libs/a/src/x.test.ts", "passed"),
      { ...file("libs/b/src/y.test.ts"), status: "failed" },
    ],
  };
  expect(countTests(report, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  expect(summarise(report, "/tagwire")).toContain("  ✗ libs/b/src/y.test.ts did not run");
});

test.each([
  ["an error outside of any test", { testResults: [file("libs/a/src/x.test.ts", "passed")] }, 1, 1],
  ["no report", undefined, 0, 0],
  ["no tests and a runner that minds", { testResults: [] }, 1, 0],
])("%s is a failure", (_, report, code, passed) => {
  expect(countTests(report, code)).toEqual({ passed, failed: 1, skipped: 0 });
});

test("the closing line says skipped only when something was", () => {
  expect(closingLine({ passed: 12, failed: 0, skipped: 0 })).toBe("12 passed, 0 failed");
  expect(closingLine({ passed: 12, failed: 1, skipped: 3 })).toBe("12 passed, 1 failed, 3 skipped");
});

test("the summary has a line for each room and names what failed", () => {
  const testResults = [
    file("services/manager/src/b.test.ts", "passed"),
    file("libs/a/src/x.test.ts", "passed"),
    file("libs/a/src/inner/y.test.ts", "failed"),
  ];
  expect(summarise({ testResults }, "/tagwire").filter((line) => line !== "")).toEqual([
    "  ✗ libs/a            1 passed, 1 failed",
    "  ✓ services/manager  1 passed, 0 failed",
    "  ✗ libs/a/src/inner/y.test.ts: test 0",
  ]);
});

test("few files that failed are worth a second run, and many are not", () => {
  const failed = [1, 2, 3, 4].map((index) => file(`libs/a/src/${index}.test.ts`, "failed"));
  const passed = file("libs/b/src/y.test.ts", "passed");
  expect(filesToRunAgain({ testResults: [passed, ...failed.slice(0, 3)] })).toHaveLength(3);
  expect(filesToRunAgain({ testResults: [passed, ...failed] })).toEqual([]);
});

test("what ran again counts as it ended then, and is named when only the others broke it", () => {
  const first = {
    testResults: [
      file("libs/a/src/x.test.ts", "passed", "failed"),
      file("libs/b/src/y.test.ts", "failed"),
      file("libs/c/src/z.test.ts", "passed"),
    ],
  };
  const second = {
    testResults: [file("libs/a/src/x.test.ts", "passed", "passed"), file("libs/b/src/y.test.ts", "failed")],
  };
  expect(countTests(withSecondRun(first, second), 1)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  expect(unsteady(first, second, "/tagwire")).toEqual([
    "  ! libs/a/src/x.test.ts failed beside the others and passed by itself: unsteady",
    "",
  ]);
});

test("where the time of a run went is told, the longest first, with the sum of all", () => {
  const timed = (name: string, seconds: number) => ({
    ...file(name, "passed"),
    ...{ startTime: 5_000, endTime: 5_000 + seconds * 1_000 },
  });
  const few = Array.from({ length: 20 }, (_, index) => timed(`libs/a/src/${index}.test.ts`, index));
  const [sum, first, ...others] = slowest(
    { testResults: [...few, file("libs/b/src/none.test.ts")] },
    "/tagwire",
  );
  expect(sum).toMatch(/^ +190 s in 21 files/);
  expect(first).toBe("     19 s  libs/a/src/19.test.ts");
  expect(others.filter((line) => line !== "")).toHaveLength(14);
});
