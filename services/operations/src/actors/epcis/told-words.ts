import { meanings } from "./meaning.ts";
import type { Shape } from "./shape.ts";

const shapes: readonly Shape[] = [...meanings.values()].flatMap((meaning) => meaning.shapes);

const wordsOf = (word: (shape: Shape) => string | undefined): readonly string[] =>
  [...new Set(shapes.flatMap((shape) => word(shape) ?? []))].sort();

/** Every word of the standard that an event of ours may say, by the resource that lists them. */
export const toldWords = {
  eventTypes: wordsOf(({ type }) => type),
  bizSteps: wordsOf(({ bizStep }) => bizStep),
  dispositions: wordsOf(({ disposition }) => disposition),
} as const;

/** The kinds of events of the log that are exported at all. */
export const toldTypes: readonly string[] = [...meanings.keys()];
