import { expect, test } from "vitest";
import { isAtLeast, isNewEnough, minimumNatsVersion, parseVersion } from "./nats-version.ts";

test.each([
  ["nats-server: v2.15.1", [2, 15, 1], undefined],
  ["2.12.7-RC.1", [2, 12, 7], "RC.1"],
  ["1:2.12.7~rc1-2+b3", [2, 12, 7], "rc1"],
  ["2.10.27-1+deb13u1", [2, 10, 27], undefined],
])("reads the version in %s", (text, numbers, preRelease) => {
  expect(parseVersion(text)).toEqual({ numbers, preRelease });
});

test.each(["", "nats-server", "v2.12", "unknown"])("finds no version in %j", (text) => {
  expect(parseVersion(text)).toBeUndefined();
});

test.each([
  ["2.12.7", true],
  ["2.12.10", true],
  ["2.13.0", true],
  ["3.0.0", true],
  ["2.12.8-RC.1", true],
  ["2.12.7-RC.4", false],
  ["2.12.6", false],
  ["2.9.99", false],
  ["1.99.99", false],
])(`%s is new enough for ${minimumNatsVersion}: %s`, (text, answer) => {
  expect(isNewEnough(text)).toBe(answer);
});

test("a text without a version is never new enough", () => {
  expect(isNewEnough("nats-server: unknown")).toBe(false);
});

test("a version is at least itself", () => {
  const version = parseVersion("2.15.1");
  expect(version !== undefined && isAtLeast(version, version)).toBe(true);
});
