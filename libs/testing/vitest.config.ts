import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { LongFirst } from "./src/long-first.ts";

const root = join(import.meta.dirname, "../..");

export default defineConfig({
  root,
  test: {
    root,
    include: ["libs/*/src/**/*.test.ts", "services/*/src/**/*.test.{ts,tsx}", "deploy/*/**/*.test.ts"],
    // Each file has a process of its own: files that shared what is loaded shared stopped clocks too, and waited for each other for good.
    isolate: true,
    globalSetup: ["libs/testing/src/global-setup.ts"],
    sequence: { sequencer: LongFirst },
    // Real servers stand behind many tests: a slow machine, or one that ten people use, gets time; a broken test still ends.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // One more than the cores that there are at least: whoever waits for a server leaves its core to another.
    maxWorkers: 3,
  },
});
