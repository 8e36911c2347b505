/** A thread that hunts: little is loaded in it, since V8 goes through all that is loaded each time it is asked what ran. */
import { parentPort, workerData } from "node:worker_threads";
import { openCoverage } from "./coverage.ts";
import { hunt } from "./hunt.ts";
import type { HuntOrder } from "./hunt-apart.ts";
import type { FuzzTarget } from "./target.ts";

const { file, name, seed, inputsMax, msMax, foundMax, isBlind = false } = workerData as HuntOrder;
const coverage = isBlind ? undefined : openCoverage();
const { fuzzTargets } = (await import(file)) as { fuzzTargets: readonly FuzzTarget[] };
const target = fuzzTargets.find((one) => one.name === name);
if (target === undefined) throw new TypeError(`no target is called ${name}`);
const endMs = performance.now() + (msMax ?? Number.POSITIVE_INFINITY);
parentPort?.postMessage(
  hunt(target, { seed, inputsMax, foundMax, coverage, isOver: () => performance.now() >= endMs }),
);
