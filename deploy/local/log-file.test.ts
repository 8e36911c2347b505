import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
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
