/** Nothing that a reader says in one line is longer than this, in bytes with its end. */
export const lineLengthMax = 1_024;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const tab = 0x09;
/** Stands before signs in barcodes. */
const escapeSign = 0x1b;
/** Whether a byte may stand in a line of ASCII. */
export const isText = (byte: number): boolean =>
  (byte >= 0x20 && byte < 0x7f) || byte === tab || byte === escapeSign;
export const isLineEnd = (byte: number): boolean => byte === lineFeed || byte === carriageReturn;

export type LineCutter = {
  /** The whole lines that end in these bytes, trimmed, blank ones left out; undefined stands for one that was spoiled. */
  push(chunk: Uint8Array): readonly (string | undefined)[];
};

/**
 * Cuts what comes in into lines of ASCII, wherever the cable cut it. A byte that is no text, or too many without an end, spoil their line and
 * no other. At most one longest line is held.
 */
export const createLineCutter = (): LineCutter => {
  let held = "";
  let isSpoiled = false;
  const end = (): readonly (string | undefined)[] => {
    const line = held.trim();
    const whole = isSpoiled ? [undefined] : line === "" ? [] : [line];
    held = "";
    isSpoiled = false;
    return whole;
  };
  const take = (byte: number): readonly (string | undefined)[] => {
    if (isLineEnd(byte)) return end();
    if (!isText(byte) || held.length >= lineLengthMax) {
      isSpoiled = true;
      held = "";
    } else if (!isSpoiled) held += String.fromCharCode(byte);
    return [];
  };
  return { push: (chunk) => [...chunk].flatMap(take) };
};
