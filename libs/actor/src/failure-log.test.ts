import pino from "pino";
import { expect, test } from "vitest";
import { openFailureLog } from "./failure-log.ts";

type Line = { readonly msg: string; readonly times?: number; readonly err?: unknown; readonly why?: string };

const heard = (level: string) => {
  const lines: Line[] = [];
  const log = pino({ level }, { write: (line: string) => void lines.push(JSON.parse(line) as Line) });
  return { lines, failures: openFailureLog(log, "reader dock") };
};
const refused = () => Object.assign(new Error("nobody listens"), { code: "reader.unreachable" });

test("a failure is told in full once, and the same again without its stack, ever more rarely", () => {
  const { lines, failures } = heard("warn");
  for (let times = 1; times <= 200; times += 1) failures.failed(refused(), 1_000.4);
  expect(lines[0]).toMatchObject({
    err: { stack: expect.any(String) },
    name: "reader dock",
    retryInMs: 1_000,
  });
  expect(lines.slice(1).map(({ times }) => times)).toEqual([2, 4, 8, 16, 32, 64, 128, 192]);
  for (const line of lines.slice(1)) {
    expect(line).toMatchObject({ code: "reader.unreachable", why: "nobody listens" });
    expect(line.err).toBeUndefined();
  }
});

test("another failure, and the same one after it worked, are news", () => {
  const { lines, failures } = heard("warn");
  failures.failed(refused(), 1);
  failures.failed(new Error("the frame is garbled"), 1);
  failures.failed(refused(), 1);
  failures.worked();
  failures.failed(refused(), 1);
  expect(lines.map(({ err }) => err !== undefined)).toEqual([true, true, true, true]);
});

test("who looks closely sees every time", () => {
  const { lines, failures } = heard("debug");
  for (let times = 1; times <= 7; times += 1) failures.failed(refused(), 1);
  expect(lines).toHaveLength(7);
});
