import { expect, test } from "vitest";
import { figureOf, type Row } from "./figure.ts";
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
