import type { Row } from "../figure.ts";

const dayS = 86_400;
const hourS = 3_600;

const secondsText = (seconds: number): string => {
  if (seconds >= 2 * dayS) return `${(seconds / dayS).toFixed(1)} days`;
  if (seconds >= 2 * hourS) return `${(seconds / hourS).toFixed(1)} hours`;
  return seconds >= 100 ? `${Math.round(seconds).toLocaleString("en-US")} s` : `${seconds.toFixed(1)} s`;
};

const textOf = (value: number | undefined, unit: string): string => {
  if (value === undefined) return "";
  if (unit === "s") return secondsText(value);
  if (unit === "bytes") return `${(value / 1e6).toFixed(1)} MB`;
  return Math.round(value).toLocaleString("en-US");
};

const verdictOf = ({ floor, product, target }: Row): string => {
  if (target === undefined) return "";
  const fewer =
    floor === undefined || floor.median === 0
      ? ""
      : `${(Math.floor((1 - product.median / floor.median) * 1_000) / 10).toFixed(1)} % fewer; `;
  return ` (${fewer}${target.text}: ${target.isMet ? "met" : "NOT MET"})`;
};

/** The headline as the table of the README, in Markdown, with what else was seen below it; undefined where it was not measured. */
export const headlineTable = (all: readonly Row[]): string | undefined => {
  const rows = all.filter(({ measurement }) => measurement === "headline");
  if (rows.length === 0) return undefined;
  const lines = rows.map((row) => {
    const { what, unit, floor, product } = row;
    const words = what.replace(", beside the old way", "");
    return `| ${words} | ${textOf(floor?.median, unit)} | ${textOf(product.median, unit)}${verdictOf(row)} |`;
  });
  const notes = rows.flatMap(({ what, note }) =>
    note === undefined || note === "" ? [] : [`- *${what.replace(", beside the old way", "")}*: ${note}.`],
  );
  return ["| What | The old way | Tagwire |", "|---|---|---|", ...lines, "", ...notes].join("\n");
};
