import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { Row } from "./figure.ts";

const bench = (...args: string[]) =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, "bench.ts"), ...args]);

/** Generous: it only decides how long a broken run takes to fail. */
const timeoutMs = 600_000;

type Result = {
  readonly machine: { readonly cores: number };
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly (Row & { readonly ratio: number | null })[];
};

/** Which rows stand beside a floor of the same run. A row that loses its floor is no small thing. */
const rowsOf: Readonly<Record<string, readonly ("with floor" | "alone")[]>> = {
  llrp: ["with floor"],
  epc: ["with floor"],
  scan: ["with floor", "with floor"],
  antenna: ["with floor", "with floor"],
  find: ["with floor", "with floor", "with floor"],
  page: ["with floor", "alone", "with floor"],
  soak: process.platform === "linux" ? ["with floor", "with floor", "alone"] : ["with floor"],
  live: Array(process.platform === "linux" ? 4 : 3).fill("with floor"),
  session: ["with floor"],
  bulk: ["with floor"],
  digests: process.platform === "linux" ? ["with floor", "with floor"] : ["with floor"],
  day: ["with floor", "alone", "alone", "alone", "alone"],
  headline: [...Array<"with floor">(6).fill("with floor"), "alone", "with floor", "with floor"],
  import: ["with floor", ...(process.platform === "linux" ? ["alone" as const] : [])],
  rebuild: ["with floor", "alone"],
  audit: Array<"with floor">(4).fill("with floor"),
  memory: process.platform === "linux" ? Array(8).fill("alone") : [],
};

/** What must hold of a month whatever its size: Tagwire misses nothing and is nowhere wrong in the end, where the old way is. */
const expectHeadline = (rows: Result["rows"]): void => {
  const both = (what: RegExp) => {
    const row = rows.find((one) => one.measurement === "headline" && what.test(one.what));
    return [row?.floor?.median ?? Number.NaN, row?.product.median ?? Number.NaN] as const;
  };
  for (const what of [/never came/, /wrong state/, /say a scan again/]) {
    const [old, web] = both(what);
    expect(old, `the old way: ${what}`).toBeGreaterThan(0);
    expect(web, `Tagwire: ${what}`).toBe(0);
  }
  // A small month has too few for a hundredth of them: one return of what was in already, found dirty, is one.
  const [oldConflicts, webConflicts] = both(/^conflicts/);
  expect(webConflicts).toBeLessThanOrEqual(oldConflicts / 20);
  const [oldRequests, webRequests] = both(/^requests/);
  expect(webRequests).toBeGreaterThan(0);
  expect(webRequests).toBeLessThan(oldRequests);
};

test(
  "a small run measures everything, floor and product on a system of its own, and says so to programs",
  async () => {
    const { stdout } = await bench("--small", "--json");
    const { machine, versions, rows } = JSON.parse(stdout) as Result;
    expect(machine.cores).toBeGreaterThan(0);
    expect(Object.keys(versions)).toEqual(["node", "postgres", "nats-server"]);
    for (const [name, expected] of Object.entries(rowsOf)) {
      const found = rows.filter(({ measurement }) => measurement === name);
      expect(
        found.map(({ floor }) => (floor === undefined ? "alone" : "with floor")),
        name,
      ).toEqual(expected);
    }
    for (const { measurement, what, floor, product, ratio } of rows) {
      // Of what never came there may be none, on either side.
      if (measurement === "headline") continue;
      for (const figure of floor === undefined ? [product] : [floor, product]) {
        expect(figure.median, what).toBeGreaterThan(0);
        expect(figure.min, what).toBeLessThanOrEqual(figure.median);
        expect(figure.max, what).toBeGreaterThanOrEqual(figure.median);
      }
      expect(ratio, what).toBe(floor === undefined ? null : product.median / floor.median);
    }
    expectHeadline(rows);
    const grown = rows.find(({ measurement, what }) => measurement === "soak" && /memory/.test(what));
    if (grown !== undefined) expect(grown.target, grown.note).toMatchObject({ isMet: true });
    const judged = rows.flatMap(({ what, target }) => (target === undefined ? [] : [what]));
    expect(judged).toContainEqual(expect.stringMatching(/^scan .* bus$/));
    expect(judged).not.toContainEqual(expect.stringMatching(/^scan .* HTTP$/));
    expect(judged).toContainEqual(expect.stringContaining("p99"));
  },
  timeoutMs,
);

test("a measurement that does not exist is refused with the names of those that do", async () => {
  await expect(bench("speed")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/nothing is called speed.*antenna/),
  });
});
