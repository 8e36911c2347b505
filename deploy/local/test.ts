/** `npm test`: sees to what the suite needs, runs it, and closes with one line of numbers. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { compiledCodeFolder, findNatsServer } from "@tagwire/embedded";
import { buildUi } from "./build-ui.ts";
import { runInTerminal } from "./foreground.ts";
import { openProgress } from "./progress.ts";
import {
  closingLine,
  countTests,
  filesToRunAgain,
  type Report,
  slowest,
  summarise,
  unsteady,
  withSecondRun,
} from "./test-report.ts";

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

type Ran = { readonly code: number; readonly report: Report | undefined };

/** Runs the test runner with `args` (files, and what narrows them) to its end. */
const runTests = async (natsServer: string, args: readonly string[]): Promise<Ran> => {
  const folder = mkdtempSync(join(tmpdir(), "tagwire-test-"));
  try {
    const reportFile = join(folder, "report.json");
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
    const config = ["--config", join(root, "libs", "testing", "vitest.config.ts")];
    const code = await runInTerminal([process.execPath, vitest, "run", ...config, ...reporters, ...args], {
      cwd: root,
      // Tests start services some hundred times, and half of a start is compiling.
      env: {
        ...process.env,
        NATS_SERVER_BIN: natsServer,
        NODE_COMPILE_CACHE: compiledCodeFolder(root),
      },
    });
    return { code, report: readReport(reportFile) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/**
 * What fails in a run of everything runs once more by itself, and counts as it ends then: for twenty minutes the suite
 * takes every core there is, and what only that breaks is named as unsteady and is no reason to doubt the product.
 * Whoever runs given files sees them fail.
 */
const runAgain = async (natsServer: string, first: Ran): Promise<Ran & { readonly notes: string[] }> => {
  const files = first.report === undefined ? [] : filesToRunAgain(first.report);
  if (process.argv.length > 2 || first.report === undefined || files.length === 0)
    return { ...first, notes: [] };
  say(`\n${files.length === 1 ? "One file" : `${files.length} files`} failed; once more, by itself:\n`);
  const second = await runTests(natsServer, ["--no-file-parallelism", ...files]);
  if (second.report === undefined) return { ...first, notes: [] };
  const report = withSecondRun(first.report, second.report);
  return { code: second.code, report, notes: unsteady(first.report, second.report, root) };
};

const run = async (natsServer: string): Promise<number> => {
  const { code, report, notes } = await runAgain(
    natsServer,
    await runTests(natsServer, process.argv.slice(2)),
  );
  const counts = countTests(report, code);
  if (report !== undefined) {
    const isWhole = process.argv.length === 2;
    for (const line of [...summarise(report, root), ...(isWhole ? slowest(report, root) : []), ...notes])
      say(line);
  }
  say(closingLine(counts));
  return counts.failed > 0 || counts.passed === 0 ? 1 : code;
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
