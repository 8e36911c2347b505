import { join } from "node:path";

/**
 * How Node is started for a service. Left alone, V8 lets garbage pile up to twice what a service needs before it cleans; these
 * bounds keep each below 256 MB resident under load. What a service remembers or queues is bounded well below them: the largest, the
 * tags in operations' memory, takes a quarter of whatever the heap may be. With a heap of 168 MB the bench failed at its busiest day.
 */
export const nodeFlags: readonly string[] = ["--max-semi-space-size=8", "--max-old-space-size=224"];

/**
 * Where Node keeps what it compiled, for every data folder of a checkout: from the second start on services are ready in half the
 * time, and need not load what strips types. Node looks at each file's content, so what is there is never older than the code.
 */
export const compiledCodeFolder = (root: string): string => join(root, ".tagwire", "compiled");
