import { join } from "node:path";

/**
 * How Node is started for a service. Left alone, V8 lets garbage pile up to twice what a service needs before it cleans; these
 * bounds keep each below 256 MB resident under load. What a service remembers or queues is bounded well below them: the largest, the
 * tags in operations' memory, takes a quarter of whatever the heap may be. With a heap of 168 MB the bench failed at its busiest day.
 */
const nodeFlags: readonly string[] = ["--max-semi-space-size=8", "--max-old-space-size=224"];

/**
 * An audit holds the rows of a few buckets and nothing else, and a pull of the old system a page of it: what looks after these needs a
 * third of that, and 24 MB less when idle.
 */
const smallNodeFlags: readonly string[] = ["--max-semi-space-size=2", "--max-old-space-size=96"];
const small = ["health-check", "rfidpro-backup"].map((name) => join("services", name));

/** Whoever plays people and readers is in no hurry: what it lets go of is cleaned away sooner, which takes 20 MB less when idle. */
const demoNodeFlags: readonly string[] = ["--max-semi-space-size=2", "--max-old-space-size=224"];
const demo = join("deploy", "local", "demo.ts");

/** The flags for the program in a file. */
export const nodeFlagsOf = (file: string): readonly string[] => {
  if (small.some((one) => file.includes(one))) return smallNodeFlags;
  return file.endsWith(demo) ? demoNodeFlags : nodeFlags;
};

/**
 * Where Node keeps what it compiled, for every data folder of a checkout: from the second start on services are ready in half the
 * time, and need not load what strips types. Node looks at each file's content, so what is there is never older than the code.
 */
export const compiledCodeFolder = (root: string): string => join(root, ".tagwire", "compiled");
