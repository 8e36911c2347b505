import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openChildren } from "./children.ts";
import { Halt, Halted } from "./halt.ts";
import { openLogFile } from "./log-file.ts";
import { identify } from "./process-lock.mjs";
import { type Program, ServiceStartError, startTool } from "./service-process.ts";

const word = { line: "it moves", withinMs: 60_000, advice: "go without" };

/** A program that writes its number and then does as it is told. */
const programOf = (text: string) => {
  const folder = mkdtempSync(join(tmpdir(), "tagwire-tool-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const mainFile = join(folder, "main.mjs");
  writeFileSync(mainFile, `console.log(process.pid);\n${text}`);
  const logFile = join(folder, "tool.log");
  const halt = new Halt();
  const program: Program = {
    name: "demo",
    mainFile,
    env: process.env,
    cwd: folder,
    log: openLogFile(logFile),
    children: openChildren(join(folder, "children.json")),
    halt,
  };
  const logged = () => readFileSync(logFile, "utf8").split("\n");
  return { program, halt, logged, pid: () => Number(logged()[0]) };
};

const untilStopped = "setInterval(() => {}, 1_000);";

test("a tool is up once it has said its word, however much it said before", async () => {
  const { program, logged } = programOf(
    `for (let n = 0; n < 200; n += 1) console.log("it moves " + n);
     setTimeout(() => { console.log("it moves"); console.log("and goes on"); }, 20); ${untilStopped}`,
  );
  const tool = await startTool(program, word);
  expect(logged()).toContain("it moves");
  await tool.stop();
  expect(identify(tool.pid)).toBeUndefined();
});

test("a tool that ends without its word is a failed start, with its last lines", async () => {
  const { program } = programOf('console.error("no warehouse"); process.exit(3);');
  const start = startTool(program, word);
  await expect(start).rejects.toThrow(ServiceStartError);
  await expect(start).rejects.toThrow(/demo ended before it was ready.*no warehouse/s);
});

test("a tool that never says it is stopped, and people are told what they can do", async () => {
  const { program, pid } = programOf(untilStopped);
  await expect(startTool(program, { ...word, withinMs: 1_000 })).rejects.toThrow(
    /demo was not ready within 1 s; go without/,
  );
  expect(identify(pid())).toBeUndefined();
});

test("a wish to stop ends the waiting, and the tool", async () => {
  const { program, halt, pid } = programOf(untilStopped);
  const start = startTool(program, word);
  const refused = expect(start).rejects.toThrow(Halted);
  await expect.poll(pid, { timeout: 30_000 }).toBeGreaterThan(0);
  halt.now();
  await refused;
  expect(identify(pid())).toBeUndefined();
});
