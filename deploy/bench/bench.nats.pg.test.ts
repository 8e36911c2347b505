import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { Row } from "./figure.ts";

const bench = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, "bench.ts"), ...args]);

/** Generous: it only decides how long a broken run takes to fail. */
const timeoutMs = 240_000;

type Result = {
  readonly machine: { readonly cores: number };
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly (Row & { readonly ratio: number | null })[];
};

test(
  "a small run measures floor and product on a system of its own, and says so to programs",
  async () => {
    const { stdout } = await bench("--small", "--json", "llrp", "scan", "session", "bulk", "memory");
    const { machine, versions, rows } = JSON.parse(stdout) as Result;
    expect(machine.cores).toBeGreaterThan(0);
    expect(Object.keys(versions)).toEqual(["node", "postgres", "nats-server"]);
    expect(new Set(rows.map(({ measurement }) => measurement))).toEqual(
      new Set(["llrp", "scan", "session", "bulk", ...(process.platform === "linux" ? ["memory"] : [])]),
    );
    for (const { what, floor, product, ratio } of rows) {
      for (const figure of floor === undefined ? [product] : [floor, product]) {
        expect(figure.median, what).toBeGreaterThan(0);
        expect(figure.min, what).toBeLessThanOrEqual(figure.median);
        expect(figure.max, what).toBeGreaterThanOrEqual(figure.median);
      }
      expect(ratio, what).toBe(floor === undefined ? null : product.median / floor.median);
    }
  },
  timeoutMs,
);

test("a measurement that does not exist is refused with the names of those that do", async () => {
  await expect(bench("speed")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/nothing is called speed.*antenna/),
  });
});
