import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: join(import.meta.dirname, "../.."),
  test: {
    include: ["libs/*/src/**/*.test.ts", "services/*/src/**/*.test.{ts,tsx}", "deploy/*/**/*.test.ts"],
    globalSetup: ["libs/testing/src/global-setup.ts"],
    // Real servers stand behind many tests: a slow machine gets time, a broken test still ends.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
