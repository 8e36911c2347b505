/**
 * `npm run bench [-- name… --json --small]`: what this machine can do at best, what Tagwire does on it, and the ratio,
 * from the same run. Ends with 0 unless something could not be measured; a missed target is a number, not a failure.
 */
import { inspect, parseArgs } from "node:util";
import { measureAntenna } from "./antenna.ts";
import { measureAudit } from "./audit.ts";
import { measureBulkScans } from "./bulk-scans.ts";
import { measureDay } from "./day.ts";
import { measureDigestWrites } from "./digest-writes.ts";
import { measureEpcDecode } from "./epc-decode.ts";
import type { Row } from "./figure.ts";
import { measureFind } from "./find.ts";
import { measureHeadline } from "./headline/headline.ts";
import { headlineTable } from "./headline/paste.ts";
import { measureImport } from "./import.ts";
import { measureLive } from "./live.ts";
import { measureLlrpDecode } from "./llrp-decode.ts";
import { canMeasureMemory, measureIdleMemory, measureLoadMemory } from "./memory.ts";
import { measurePage } from "./page.ts";
import { measureRebuild } from "./rebuild.ts";
import { jsonOf, machineLine, tableOf, thisMachine } from "./report.ts";
import { measureSession } from "./session.ts";
import { openSetting, type Setting, untilQuiet } from "./setting.ts";
import { measureSingleScan } from "./single-scan.ts";
import { fullSizes, smallSizes } from "./sizes.ts";
import { measureSoak } from "./soak.ts";
import { type System, withSystem } from "./system.ts";

/** In the order in which they run: what wants an empty system first, what wants a full one last. */
const measurements: Readonly<Record<string, (setting: Setting) => Promise<Row[]>>> = {
  llrp: measureLlrpDecode,
  epc: measureEpcDecode,
  scan: measureSingleScan,
  antenna: measureAntenna,
  find: measureFind,
  page: measurePage,
  soak: measureSoak,
  live: measureLive,
  session: measureSession,
  bulk: measureBulkScans,
  digests: measureDigestWrites,
  day: measureDay,
  headline: measureHeadline,
  import: measureImport,
  rebuild: measureRebuild,
  audit: measureAudit,
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

/** With its causes: "fetch failed" alone says nothing. */
const whyOf = (error: unknown): string => inspect(error);

const rows: Row[] = [];
let failures = 0;

/** Adds the rows of one measurement. When it fails, that is told, and the others go on. */
const run = async (
  name: string,
  measure: () => Promise<Row[]>,
  ended: System["ended"] = () => [],
): Promise<void> => {
  if (!isWanted(name)) return;
  tell(`measuring ${name}`);
  try {
    rows.push(...(await measure()));
  } catch (error) {
    failures += 1;
    tell([`✗ ${name}: ${whyOf(error)}`, ...ended()].join("\n"));
  }
};

const measureAll = async (setting: Setting): Promise<void> => {
  for (const [name, measure] of Object.entries(measurements)) {
    await run(name, () => measure(setting), setting.system.ended);
    await untilQuiet(setting);
  }
  if (canMeasureMemory) await run(memory, () => measureLoadMemory(setting));
};

// Ctrl-C ends the run; everything that was started ends with it.
const { promise: interrupted, reject: interrupt } = Promise.withResolvers<never>();
interrupted.catch(() => undefined);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => interrupt(new Error(`stopped by ${signal}`)));

const machine = thisMachine();
const sizes = values.small ? smallSizes : fullSizes;

const measureInSystem = (): Promise<object> =>
  withSystem(async (system) => {
    const setting = await openSetting(system, sizes);
    try {
      await Promise.race([measureAll(setting), interrupted]);
      return system.versions;
    } finally {
      await setting.close();
    }
  });

try {
  // First and alone: a system beside it would share pages with it, and make it look smaller.
  if (canMeasureMemory) await run(memory, () => measureIdleMemory(sizes, interrupted));
  await Promise.race([interrupted, Promise.resolve()]);
  tell("starting Postgres, nats-server and the services");
  const versions = await measureInSystem();
  process.stdout.write(
    values.json
      ? `${jsonOf(machine, versions, rows)}\n`
      : [machineLine(machine, versions), tableOf(rows), headlineTable(rows) ?? []]
          .flat()
          .join("\n\n")
          .concat("\n"),
  );
} catch (error) {
  failures += 1;
  tell(`✗ ${whyOf(error)}`);
}
// What an interrupted measurement still waits for will not come.
process.exit(failures === 0 ? 0 : 1);
