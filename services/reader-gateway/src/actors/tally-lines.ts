import type { TagRead } from "../drivers/driver.ts";
import { portOf } from "./antenna-ledger.ts";
import { countOf } from "./window.ts";

/** What was taken from a reader's wire: reads are by port. */
export type Taken = {
  readonly frames: number;
  readonly malformed: number;
  readonly reads: ReadonlyMap<number, number>;
};

/**
 * The lines of a tally book. What was taken of a reader, by its number, and that a save tells of all that stands above of these readers:
 *
 *   t <reader> <frames> <malformed> <port>:<reads> …
 *   s <save> <reader> …
 *   x <save>                  Postgres refused that save: it told of nothing
 */
export const takenLine = (reader: number, { frames, malformed, reads }: Taken): string =>
  `t ${reader} ${frames} ${malformed}${[...reads].map(([port, count]) => ` ${port}:${count}`).join("")}\n`;
export const savingLine = (save: number, readers: readonly number[]): string =>
  `s ${save} ${readers.join(" ")}\n`;
export const refusedLine = (save: number): string => `x ${save}\n`;

const nothing: Taken = { frames: 0, malformed: 0, reads: new Map() };
/** What a frame takes that cannot be read. */
export const takenMalformed: Taken = { ...nothing, malformed: 1 };

const added = (left: Taken, right: Taken): Taken => {
  const reads = new Map(left.reads);
  for (const [port, count] of right.reads) reads.set(port, (reads.get(port) ?? 0) + count);
  return { frames: left.frames + right.frames, malformed: left.malformed + right.malformed, reads };
};

/** What a frame takes: each of its reads, under a port that a reader may have. */
export const takenOf = (reads: readonly TagRead[]): Taken => {
  const byPort = new Map<number, number>();
  for (const read of reads) {
    const port = portOf(read.antenna);
    byPort.set(port, (byPort.get(port) ?? 0) + countOf(read));
  }
  return { frames: 1, malformed: 0, reads: byPort };
};

const takenIn = ([frames, malformed, ...ports]: readonly string[]): Taken => ({
  frames: Number(frames),
  malformed: Number(malformed),
  reads: new Map(
    ports.map((port) => {
      const [number, count] = port.split(":");
      return [Number(number), Number(count)];
    }),
  ),
});

/** Whole lines, as their words: one that was torn by a full disk has no end, and is none. */
const linesIn = (text: string): string[][] =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split(" "));

/** What Postgres does not know of, of each reader, when `lastSave` is the last save that it holds. */
export const untoldIn = (text: string, lastSave: number): Map<number, Taken> => {
  const lines = linesIn(text);
  const refused = new Set(lines.flatMap(([kind, save]) => (kind === "x" ? [Number(save)] : [])));
  const untold = new Map<number, Taken>();
  for (const [kind, number, ...rest] of lines) {
    if (kind === "t") untold.set(Number(number), added(untold.get(Number(number)) ?? nothing, takenIn(rest)));
    if (kind === "s" && Number(number) <= lastSave && !refused.has(Number(number)))
      for (const reader of rest) untold.delete(Number(reader));
  }
  return untold;
};

const sumLines = (text: string, lastSave: number): string =>
  [...untoldIn(text, lastSave)].map(([reader, taken]) => takenLine(reader, taken)).join("");

/** The same in few lines. `underWay` is the save that was sent and not answered, where there is one. */
export const shortened = (text: string, lastSave: number, underWay: number | undefined): string => {
  const at = underWay === undefined ? -1 : text.lastIndexOf(`\ns ${underWay} `);
  if (at < 0) return sumLines(text, lastSave);
  const end = text.indexOf("\n", at + 1) + 1;
  // Of readers that the save does not tell of, lines before and after it are added up when they are read.
  return (
    sumLines(text.slice(0, at + 1), lastSave) + text.slice(at + 1, end) + sumLines(text.slice(end), lastSave)
  );
};
