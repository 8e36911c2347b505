import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openLogFile } from "./log-file.ts";

test("a full log is put aside once, and the newest lines are always there", () => {
  const folder = mkdtempSync(join(tmpdir(), "tagwire-log-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "x.log");
  const log = openLogFile(file, 20);
  for (const line of ["one line", "two line", "three", "four line", "five line", "six"]) log.write(line);
  log.close();
  log.write("after the end");
  expect(readFileSync(`${file}.1`, "utf8")).toBe("three\nfour line\n");
  expect(readFileSync(file, "utf8")).toBe("five line\nsix\n");
  expect(existsSync(`${file}.2`)).toBe(false);
});

test("a log goes on where an earlier start left it", () => {
  const folder = mkdtempSync(join(tmpdir(), "tagwire-log-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "x.log");
  for (const line of ["first", "second"]) {
    const log = openLogFile(file);
    log.write(line);
    log.close();
  }
  expect(readFileSync(file, "utf8")).toBe("first\nsecond\n");
});

test("a full disk costs lines and nothing else, and how many is said once there is room again", () => {
  const folder = mkdtempSync(join(tmpdir(), "tagwire-log-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "x.log");
  let isFull = false;
  const log = openLogFile(file, 1_000, (descriptor, text) => {
    if (isFull) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    return writeSync(descriptor, text);
  });
  log.write("before");
  isFull = true;
  for (const line of ["one", "two", "three"]) log.write(line);
  isFull = false;
  log.write("after");
  log.write("later");
  log.close();
  expect(readFileSync(file, "utf8")).toBe("before\n(3 lines could not be written here)\nafter\nlater\n");
});

test("a log that cannot be put aside is written again once it can", () => {
  const folder = mkdtempSync(join(tmpdir(), "tagwire-log-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "x.log");
  const log = openLogFile(file, 20);
  log.write("a first long line");
  mkdirSync(`${file}.1`);
  log.write("a second long line");
  rmSync(`${file}.1`, { recursive: true });
  log.write("third");
  log.close();
  expect(`${readFileSync(file, "utf8")}`).toMatch(/third\n$/);
});
