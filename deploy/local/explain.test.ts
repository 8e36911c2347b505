import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { Fault } from "@tagwire/messages";
import { expect, test } from "vitest";
import { explain } from "./explain.ts";

test("the advice of a fault is said once, whether its text says it or not", () => {
  const { advice } = new Fault("reader_unknown", "audit");
  expect(explain(new Fault("reader_unknown", `audit: ${advice}`)).split(advice)).toHaveLength(2);
  expect(explain(new Fault("reader_unknown", "audit")).split(advice)).toHaveLength(2);
});

test("a command ends quietly when nobody reads its lines any more", () => {
  const explainFile = join(import.meta.dirname, "explain.ts");
  const lines = `const { endWithReader } = await import(${JSON.stringify(explainFile)});
    endWithReader(); setInterval(() => process.stdout.write("line\\n".repeat(1_000)), 1);`;
  const shell = spawnSync(
    "sh",
    ["-c", '"$0" --input-type=module -e "$1" | head -n 1', process.execPath, lines],
    {
      encoding: "utf8",
    },
  );
  expect(shell).toMatchObject({ status: 0, stdout: "line\n", stderr: "" });
});

test("whoever asks what there is gets the commands, and no error", () => {
  const bootstrap = join(import.meta.dirname, "bootstrap.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [bootstrap, "--help"], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("verify-log");
});
