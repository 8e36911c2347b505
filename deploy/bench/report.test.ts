import { expect, test } from "vitest";
import { figureOf, type Row } from "./figure.ts";
import { headlineTable } from "./headline/paste.ts";
import { jsonOf, type Machine, machineLine, tableOf } from "./report.ts";

const machine: Machine = { cores: 2, cpu: "Testor 9", memoryGigabytes: 7.8, loadAverage: 0.25 };
const versions = { node: "24.0.0", postgres: "18.4" };

const compared: Row = {
  measurement: "bulk",
  what: "scans in bulk",
  unit: "scans/s",
  floor: figureOf([12_000, 10_000, 11_000]),
  product: figureOf([4_400, 5_500, 6_600]),
  target: { text: "≥ 40 % of floor", isMet: true },
  note: "alone",
};
const bare: Row = {
  measurement: "memory",
  what: "everything",
  unit: "MB",
  product: figureOf([12.345, 950]),
  target: { text: "≤ 900 MB", isMet: false },
};

const cells = (line: string) =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());

test("the table says for each row what was measured, its floor, the ratio, and whether the promise was kept", () => {
  const [head, rule, first, second, ...rest] = tableOf([compared, bare]).split("\n").map(cells);
  expect(rest).toEqual([]);
  expect(head).toEqual([
    ...["what", "unit", "floor [min … max]", "product [min … max]", "ratio", "target", "note"],
  ]);
  expect(rule?.every((cell) => /^-+$/.test(cell))).toBe(true);
  expect(first).toEqual([
    ...["scans in bulk", "scans/s", "11,000 [10,000 … 12,000]", "5,500 [4,400 … 6,600]"],
    ...["0.50", "≥ 40 % of floor: met", "alone"],
  ]);
  expect(second).toEqual(["everything", "MB", "–", "12.35 [12.35 … 950]", "–", "≤ 900 MB: NOT MET", ""]);
});

test("all lines of the table are of one length, so that it reads in a terminal too", () => {
  expect(
    new Set(
      tableOf([compared, bare])
        .split("\n")
        .map(({ length }) => length),
    ).size,
  ).toBe(1);
});

test("a row without a target has no verdict", () => {
  const { target: _, ...without } = bare;
  expect(tableOf([without])).not.toMatch(/met/i);
});

test("the first line says how far the rest can be believed", () => {
  expect(machineLine(machine, versions)).toBe(
    "2 cores (Testor 9), 7.8 GB, load 0.3 before the run, node 24.0.0, postgres 18.4",
  );
});

test("programs get the same rows, with their ratio where there is one", () => {
  expect(JSON.parse(jsonOf(machine, versions, [compared, bare]))).toEqual({
    machine,
    versions,
    rows: [
      { ...compared, ratio: 0.5 },
      { ...bare, ratio: null },
    ],
  });
});

test("the headline is printed as the table of the README, with what else was seen", () => {
  const rowOf = (what: string, unit: string, [old, web]: readonly [number, number], more = {}): Row => ({
    ...{ measurement: "headline", what: `${what}, beside the old way`, unit },
    ...{ floor: figureOf([old]), product: figureOf([web]) },
    ...more,
  });
  const rows = [
    bare,
    rowOf("conflicts", "conflicts", [1_000, 4], {
      ...{ target: { text: "≥ 99 % fewer", isMet: true }, note: "they stood for 9 and 4 hours" },
    }),
    rowOf("scan → managers can see it, p50", "s", [482, 1.04]),
    rowOf("the same, p99", "s", [24.4 * 86_400, 9_000]),
    rowOf("bytes on the wire", "bytes", [20_040_000, 1e6]),
  ];
  expect(headlineTable(rows)?.split("\n")).toEqual([
    "| What | The old way | Tagwire |",
    "|---|---|---|",
    "| conflicts | 1,000 | 4 (99.6 % fewer; ≥ 99 % fewer: met) |",
    "| scan → managers can see it, p50 | 482 s | 1.0 s |",
    "| the same, p99 | 24.4 days | 2.5 hours |",
    "| bytes on the wire | 20.0 MB | 1.0 MB |",
    "",
    "- *conflicts*: they stood for 9 and 4 hours.",
  ]);
  expect(headlineTable([bare])).toBeUndefined();
});
