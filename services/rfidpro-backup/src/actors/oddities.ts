import type { Oddity } from "./rows.ts";

/** What was given is told in so many characters at most. */
const givenLengthMax = 200;
/** Of one row so many at most: there are no more fields that are read. */
const odditiesMax = 60;

export type Oddities = {
  readonly note: (field: string, code: string, given: unknown) => void;
  readonly all: () => readonly Oddity[];
};

const textOf = (given: unknown): string => {
  if (typeof given === "string") return given;
  if (given === undefined) return "";
  if (typeof given === "object" && given !== null) return Array.isArray(given) ? "a list" : "an object";
  return String(given);
};

/** Text that Postgres can hold: JSON can carry a NUL or half a surrogate pair. */
export const storable = (text: string): string => text.toWellFormed().replaceAll("\u0000", "\ufffd");

/** Takes note of what is odd about a row: nothing is repaired without saying so. */
export const createOddities = (): Oddities => {
  const noted: Oddity[] = [];
  return {
    note: (field, code, given) => {
      if (noted.length < odditiesMax)
        noted.push({ field, code, given: storable(textOf(given).slice(0, givenLengthMax)) });
    },
    all: () => noted,
  };
};
