/**
 * `npm run bench [-- name… --json --small]`: what this machine can do at best, what Tagwire does on it, and the ratio,
 * from the same run. Ends with 0 unless something could not be measured; a missed target is a number, not a failure.
 */
import { parseArgs } from "node:util";
import { measureAntenna } from "./antenna.ts";
import { measureBulkScans } from "./bulk-scans.ts";
import type { Row } from "./figure.ts";
import { measureLlrpDecode } from "./llrp-decode.ts";
import { measureMemory } from "./memory.ts";
import { measureRebuild } from "./rebuild.ts";
import { jsonOf, machineLine, tableOf, thisMachine } from "./report.ts";
import { measureSession } from "./session.ts";
import { openSetting, type Setting, untilQuiet } from "./setting.ts";
import { measureSingleScan } from "./single-scan.ts";
import { fullSizes, smallSizes } from "./sizes.ts";
import { withSystem } from "./system.ts";

/** In the order in which they run: what wants an empty system first, what wants a full one last. */
const measurements: Readonly<Record<string, (setting: Setting) => Promise<Row[]>>> = {
  llrp: measureLlrpDecode,
  scan: measureSingleScan,
  antenna: measureAntenna,
  session: measureSession,
  bulk: measureBulkScans,
  rebuild: measureRebuild,
};
const memory = "memory";
const names = [...Object.keys(measurements), memory];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, small: { type: "boolean", default: false } },
});
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`✗ nothing is called ${unknown.join(", ")}; say some of: ${names.join(", ")}\n`);
  process.exit(1);
}
const isWanted = (name: string): boolean => positionals.length === 0 || positionals.includes(name);
const tell = (text: string): void => void process.stderr.write(`${text}\n`);

const rows: Row[] = [];
let failures = 0;

/** Adds the rows of one measurement. When it fails, that is told, and the others go on. */
const run = async (name: string, measure: () => Promise<Row[]>): Promise<void> => {
  if (!isWanted(name)) return;
  tell(`measuring ${name}`);
  try {
    rows.push(...(await measure()));
  } catch (error) {
    failures += 1;
    tell(`✗ ${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
};

const measureAll = async (setting: Setting): Promise<void> => {
  await run(memory, () => measureMemory(setting, "idle"));
  for (const [name, measure] of Object.entries(measurements)) {
    await run(name, () => measure(setting));
    await untilQuiet(setting);
  }
  await run(memory, () => measureMemory(setting, "after load"));
};

// Ctrl-C ends the run; everything that was started ends with it.
const interrupted = Promise.withResolvers<void>();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    tell(`stopped by ${signal}`);
    failures += 1;
    interrupted.resolve();
  });
}

const machine = thisMachine();
tell("starting Postgres, nats-server and the services");
const versions = await withSystem(async (system) => {
  const setting = await openSetting(system, values.small ? smallSizes : fullSizes);
  try {
    await Promise.race([measureAll(setting), interrupted.promise]);
    return system.versions;
  } finally {
    await setting.close();
  }
});
process.stdout.write(
  values.json
    ? `${jsonOf(machine, versions, rows)}\n`
    : `${machineLine(machine, versions)}\n\n${tableOf(rows)}\n`,
);
// What an interrupted measurement still waits for will not come.
process.exit(failures === 0 ? 0 : 1);
