import { cpus, loadavg, totalmem } from "node:os";
import { type Figure, type Row, ratioOf } from "./figure.ts";

export type Machine = {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGigabytes: number;
  /** The mean number of processes that wanted a core in the last minute: over the cores, ours had to wait for others. */
  readonly loadAverage: number;
};

export const thisMachine = (): Machine => {
  const cores = cpus();
  return {
    cores: cores.length,
    cpu: cores[0]?.model.trim() ?? "unknown",
    memoryGigabytes: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    loadAverage: loadavg()[0] ?? 0,
  };
};

const digits = (value: number): string => {
  if (value >= 1_000) return Math.round(value).toLocaleString("en-US");
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
};

/** `12.3 [11.9 … 14.0]`: the middle one of the rounds, the least and the most. */
const textOf = (figure: Figure | undefined): string =>
  figure === undefined ? "–" : `${digits(figure.median)} [${digits(figure.min)} … ${digits(figure.max)}]`;

const cellsOf = (row: Row): string[] => [
  row.what,
  row.unit,
  textOf(row.floor),
  textOf(row.product),
  ratioOf(row)?.toFixed(2) ?? "–",
  row.target === undefined ? "" : `${row.target.text}: ${row.target.isMet ? "met" : "NOT MET"}`,
  row.note ?? "",
];

const titles = ["what", "unit", "floor [min … max]", "product [min … max]", "ratio", "target", "note"];

/** The result as a table for people; it is Markdown too. */
export const tableOf = (rows: readonly Row[]): string => {
  const lines = [titles, ...rows.map(cellsOf)];
  const widths = titles.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  const [head = [], ...body] = lines;
  return [line(head), rule, ...body.map(line)].join("\n");
};

export const machineLine = (
  { cores, cpu, memoryGigabytes, loadAverage }: Machine,
  versions: object,
): string =>
  `${cores} cores (${cpu}), ${memoryGigabytes} GB, load ${loadAverage.toFixed(1)} before the run, ${Object.entries(
    versions,
  )
    .map(([name, version]) => `${name} ${version}`)
    .join(", ")}`;

/** The same for programs. */
export const jsonOf = (machine: Machine, versions: object, rows: readonly Row[]): string =>
  JSON.stringify(
    { machine, versions, rows: rows.map((row) => ({ ...row, ratio: ratioOf(row) ?? null })) },
    null,
    2,
  );
