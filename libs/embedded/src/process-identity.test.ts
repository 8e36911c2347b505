import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { commandLineOf, identityOf, isSameProcess } from "./process-identity.ts";

test("this process is itself, and not another one with its number", () => {
  const me = identityOf(process.pid);
  expect(me).toBeDefined();
  if (me === undefined) return;
  expect(isSameProcess(me)).toBe(true);
  if (me.startTicks !== null) expect(isSameProcess({ ...me, startTicks: me.startTicks + 1 })).toBe(false);
});

test("a process that has ended is nobody", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  const recorded = identityOf(child.pid ?? -1);
  await once(child, "exit");
  expect(recorded).toBeDefined();
  expect(recorded !== undefined && isSameProcess(recorded)).toBe(false);
});

test.each([0, -1, 1.5, Number.NaN])("%s is no process number", (pid) => {
  expect(identityOf(pid)).toBeUndefined();
});

test.runIf(process.platform === "linux")("a command line comes as words", () => {
  expect(commandLineOf(process.pid).length).toBeGreaterThan(0);
  expect(commandLineOf(0)).toEqual([]);
});
