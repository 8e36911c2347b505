import { type Moment, type Position, parsePosition } from "@tagwire/messages";

/** A moment that was asked for: a position of the log, or an instant. */
export type Asked = { readonly position: Position } | { readonly atMs: number };

/** Reads a moment. @throws RangeError when it is neither a position nor an instant. */
export const askedMoment = (moment: Moment): Asked => {
  const position = parsePosition(moment);
  if (position !== undefined) return { position };
  const atMs = Date.parse(moment);
  if (Number.isNaN(atMs)) throw new RangeError(`${moment} is neither a position nor an instant`);
  return { atMs };
};
