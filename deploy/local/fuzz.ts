/**
 * `npm run fuzz [-- parser… --seconds N --seed S]`: hunts for input that a parser of what readers send takes badly. Ends with 0
 * when nothing was found.
 */
import { globSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type FuzzTarget, type Hunted, huntApart } from "@tagwire/testing";

const root = resolve(import.meta.dirname, "../..");
const tell = (text: string): void => void process.stdout.write(`${text}\n`);
const refuse = (text: string): never => {
  process.stderr.write(`✗ ${text}\n`);
  process.exit(1);
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "10" }, seed: { type: "string", default: "1" } },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
if (!(seconds > 0)) refuse(`--seconds ${values.seconds}: say a number above 0`);
if (!Number.isInteger(seed)) refuse(`--seed ${values.seed}: say a whole number`);

const files = globSync("{libs/*/src,services/*/src,deploy/*}/**/test-fuzz-targets.ts", { cwd: root }).sort();
const rooms = files.map((path) => pathToFileURL(resolve(root, path)).href);
const targets = await Promise.all(
  rooms.map(async (file) => {
    const { fuzzTargets } = (await import(file)) as { fuzzTargets: readonly FuzzTarget[] };
    return fuzzTargets.map(({ name }) => ({ file, name }));
  }),
).then((all) => all.flat());

const names = targets.map(({ name }) => name);
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) refuse(`nothing is called ${unknown.join(", ")}; say some of: ${names.join(", ")}`);

const report = (name: string, { inputs, tookMs, kept, reached, found }: Hunted): void => {
  const pace = Math.round((1_000 * inputs) / tookMs);
  const { blocks = 0, known = 0 } = reached ?? {};
  tell(
    `${name}: ${inputs} inputs, ${pace}/s, ${kept} kept, ${blocks} of ${known} blocks, ${found.length} found`,
  );
  for (const { kind, why, hex } of found) tell(`  ${kind}: ${why}\n    ${hex}`);
};

let isBad = false;
for (const { file, name } of targets) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const hunted = await huntApart({
    file,
    name,
    seed,
    inputsMax: Number.POSITIVE_INFINITY,
    msMax: seconds * 1_000,
  });
  report(name, hunted);
  isBad ||= hunted.found.length > 0;
}
process.exitCode = isBad ? 1 : 0;
