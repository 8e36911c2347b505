import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { familyOf, peakMegabytes, residentMegabytes, shareMegabytes } from "./process-memory.ts";

const onLinux = test.runIf(process.platform === "linux");

/** Takes 64 MB, lets go of them, and then says so; a shell stands between it and us, as npm's does. */
const program = `
  let bytes = Buffer.alloc(64 * 2 ** 20, 1);
  bytes = undefined;
  gc();
  process.stdout.write("let go");
  setInterval(() => undefined, 1_000);`;

onLinux("a family is a process and all below it, and a peak stays known after it is over", async () => {
  const shell = spawn("sh", ["-c", '"$0" --expose-gc -e "$1" & wait', process.execPath, program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [, child = 0] = await once(shell.stdout, "data").then(() => familyOf(shell.pid ?? 0));
  try {
    expect(familyOf(process.pid)).toEqual(expect.arrayContaining([process.pid, shell.pid, child]));
    expect(peakMegabytes(child)).toBeGreaterThan(64);
    expect(peakMegabytes(child) - residentMegabytes([child])).toBeGreaterThan(32);
    expect(shareMegabytes([child])).toBeLessThan(residentMegabytes([child]));
    expect(shareMegabytes([child, child])).toBeGreaterThan(1.5 * shareMegabytes([child]));
  } finally {
    process.kill(child, "SIGKILL");
    await once(shell, "exit");
  }
  expect(shareMegabytes([child])).toBe(0);
});
