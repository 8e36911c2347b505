import { readFileSync } from "node:fs";
import { join } from "node:path";

/* The table of what each driver does, in the README. */

const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
const [, section = ""] = readme.split("### What each driver does\n");
export const [head = [], , ...rows] = section
  .split("\n#")[0]
  ?.split("\n")
  .filter((line) => line.startsWith("|"))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  ) ?? [[]];

/** What the table says of a driver. */
export const cell = (driver: string, column: string): string =>
  rows.find(([name]) => name === `\`${driver}\``)?.[head.indexOf(column)] ?? "";
