/** `npm test`: sees to what the suite needs, runs it, and closes with one line of numbers. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findNatsServer } from "@tagwire/embedded";
import { buildUi } from "./build-ui.ts";
import { runInTerminal } from "./foreground.ts";
import { openProgress } from "./progress.ts";
import { closingLine, countTests, type Report, summarise } from "./test-report.ts";

const root = resolve(import.meta.dirname, "../..");
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The servers and the UI that the suite uses for real. Returns the path of nats-server. */
const prepare = async (): Promise<string> => {
  const progress = openProgress(say);
  const [nats] = await Promise.all([
    progress.step("looking for nats-server", async (note) => {
      const found = await findNatsServer({ cacheDir: join(root, ".tagwire", "bin"), onProgress: note });
      return { path: found.path, done: `nats-server ${found.version} (from ${found.source})` };
    }),
    progress.step("preparing the UI", async (note) => ({
      done: (await buildUi(root, note)) ? "UI built" : "UI is up to date",
    })),
  ]);
  return nats.path;
};

const readReport = (file: string): Report | undefined => {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined; // The runner ended before it could write one.
  }
};

const run = async (natsServer: string): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), "tagwire-test-"));
  try {
    const reportFile = join(folder, "report.json");
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
    const config = ["--config", join(root, "libs", "testing", "vitest.config.ts")];
    const command = [process.execPath, vitest, "run", ...config, ...reporters, ...process.argv.slice(2)];
    const code = await runInTerminal(command, {
      cwd: root,
      env: { ...process.env, NATS_SERVER_BIN: natsServer },
    });
    const report = readReport(reportFile);
    const counts = countTests(report, code);
    if (report !== undefined) for (const line of summarise(report, root)) say(line);
    say(closingLine(counts));
    return counts.failed > 0 || counts.passed === 0 ? 1 : code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

let natsServer: string;
try {
  natsServer = await prepare();
} catch (error) {
  process.stderr.write(`✗ ${error instanceof Error ? error.message : String(error)}\n`);
  say(closingLine({ passed: 0, failed: 1, skipped: 0 }));
  process.exit(1);
}
process.exitCode = await run(natsServer);
