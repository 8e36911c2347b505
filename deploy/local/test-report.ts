import { relative, sep } from "node:path";

/** What is read of the report that the test runner's JSON reporter writes (the shape is Jest's). */
export interface Report {
  readonly testResults: readonly {
    /** The file's absolute path. */
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    /** Unix ms; absent of a file that did not run. */
    readonly startTime?: number;
    readonly endTime?: number;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

type FileResult = Report["testResults"][number];

const countFile = ({ status, assertionResults }: FileResult): TestCounts => {
  const count = (wanted: (status: string) => boolean): number =>
    assertionResults.filter((result) => wanted(result.status)).length;
  const failed = count((it) => it === "failed");
  // A file that does not even load, or whose set-up fails, has no failed test of its own, and failed all the same.
  const failedAsWhole = status === "failed" && failed === 0 ? 1 : 0;
  const passed = count((it) => it === "passed");
  return { passed, failed: failed + failedAsWhole, skipped: assertionResults.length - passed - failed };
};

const add = (left: TestCounts, right: TestCounts): TestCounts => ({
  passed: left.passed + right.passed,
  failed: left.failed + right.failed,
  skipped: left.skipped + right.skipped,
});

const nothing: TestCounts = { passed: 0, failed: 0, skipped: 0 };

/**
 * The numbers of a run. A runner that failed although no test did (an error outside of any test, no report at all)
 * counts as one failure, so that a green line never hides a red run.
 */
export const countTests = (report: Report | undefined, runnerExitCode: number): TestCounts => {
  const counts = (report?.testResults ?? []).map(countFile).reduce(add, nothing);
  const failedOutside = counts.failed === 0 && (runnerExitCode !== 0 || report === undefined);
  return failedOutside ? { ...counts, failed: 1 } : counts;
};

/** As many files may be run a second time, each by itself: where more fail, something is broken. */
const rerunFilesAtMost = 3;

/** The files that failed in a run of everything and are worth a second run by themselves; none when they are too many. */
export const filesToRunAgain = (report: Report): string[] => {
  const failed = report.testResults.filter(({ status }) => status === "failed").map(({ name }) => name);
  return failed.length > rerunFilesAtMost ? [] : failed;
};

/** The report of a run in which what was run again counts as it ended then. */
export const withSecondRun = (first: Report, second: Report): Report => {
  const again = new Map(second.testResults.map((file) => [file.name, file]));
  return { testResults: first.testResults.map((file) => again.get(file.name) ?? file) };
};

/** What failed beside everything else and holds by itself, a line each: it waits for something that load takes from it. */
export const unsteady = (first: Report, second: Report, root: string): string[] => {
  const passed = new Set(
    second.testResults.filter((file) => file.status === "passed").map(({ name }) => name),
  );
  const lines = first.testResults
    .filter(({ name, status }) => status === "failed" && passed.has(name))
    .map(({ name }) => `  ! ${relative(root, name)} failed beside the others and passed by itself: unsteady`);
  return lines.length === 0 ? [] : [...lines, ""];
};

const slowestShown = 15;

/** The files that took longest, with their seconds: where the time of a run of everything goes. */
export const slowest = (report: Report, root: string): string[] => {
  const taken = report.testResults
    .map(({ name, startTime = 0, endTime = 0 }) => ({ name, seconds: (endTime - startTime) / 1_000 }))
    .sort((left, right) => right.seconds - left.seconds);
  const lines = taken
    .slice(0, slowestShown)
    .map(({ name, seconds }) => `  ${seconds.toFixed(0).padStart(5)} s  ${relative(root, name)}`);
  const sum = taken.reduce((all, { seconds }) => all + seconds, 0);
  return [
    `  ${sum.toFixed(0).padStart(5)} s in ${taken.length} files, of which these took longest:`,
    ...lines,
    "",
  ];
};

const inWords = ({ passed, failed, skipped }: TestCounts): string =>
  `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;

/** The last line of a test run, which tools read. */
export const closingLine = inWords;

/** `libs/embedded` of `/tagwire/libs/embedded/src/nats.nats.test.ts`. */
const roomOf = (file: string, root: string): string => relative(root, file).split(sep).slice(0, 2).join("/");

/** One line for each lib and service, then the names of what failed. */
export const summarise = (report: Report, root: string): string[] => {
  const rooms = new Map<string, TestCounts>();
  for (const file of report.testResults) {
    const room = roomOf(file.name, root);
    rooms.set(room, add(rooms.get(room) ?? nothing, countFile(file)));
  }
  const width = Math.max(0, ...[...rooms.keys()].map((room) => room.length));
  const lines = [...rooms]
    .sort(([left], [right]) => left.localeCompare(right))
    .map(
      ([room, counts]) => `  ${counts.failed === 0 ? "✓" : "✗"} ${room.padEnd(width)}  ${inWords(counts)}`,
    );
  const failures = report.testResults.flatMap((file) => {
    const failed = file.assertionResults.filter(({ status }) => status === "failed");
    const path = relative(root, file.name);
    if (file.status === "failed" && failed.length === 0) return [`  ✗ ${path} did not run`];
    return failed.map(({ fullName }) => `  ✗ ${path}: ${fullName}`);
  });
  return ["", ...lines, ...(failures.length === 0 ? [] : ["", ...failures]), ""];
};
