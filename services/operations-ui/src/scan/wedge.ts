/**
 * Tells a keyboard-wedge scanner from a person, and keeps two promises:
 *
 *   1. What is recorded is everything the scanner typed. A tag that came in pieces is refused aloud, never recorded in part.
 *   2. What hands typed stays. Where letters can go they always arrive: nothing is withheld, and only a scan's own text is
 *      taken out again.
 *
 * Only the clock tells the two apart: 7–16 ms from key to key were measured of scanners, and 20–50 ms of some by radio;
 * hands take 80 ms and more, and less only for a few keys rolled together. So keys are counted as *fast* or *slow*, a
 * pause parts them into *pieces*, and Enter or Tab asks what the last piece was:
 *
 *   first key ──≤ 150 ms──► the piece goes on ──Enter, Tab──► a scanner's and whole? ──yes──► scanned
 *       ▲                        │                                 │ a scanner's, but spoiled? ──► broken: refused aloud
 *       └── after a pause ◄──────┘                                 └ a person's ──► left alone
 *
 * A piece is a scanner's when it has three keys or more and all of them were fast, the end too; or when at least
 * {@link proofKeys} were fast, {@link wedgeLengthMin} of them in a row, and the slow ones are fewer: that is a hiccup of the radio,
 * and hands cannot do it.
 *
 * A piece is spoiled when a key came in between that types no plain letter (Ctrl+], a dead key, an arrow); when it begins
 * less than {@link quietMs} after other typing, which may be its own beginning; and when a piece without an end came before
 * it, however long ago, that may be a scanner's: most of its keys were fast, or {@link wedgeLengthMin} in a row, whatever
 * hiccups came after them. The next Enter or Tab ends that suspicion, whoever presses it.
 *
 * Beyond that nothing can be seen from here: not letters that the radio lost without a pause, and not a pause of more than a
 * second after the very first keys.
 */

/** Where letters go somewhere, keys this far apart may be hands'. 340 words a minute is nobody's pace. */
export const typedPaceMs = 35;
/** Elsewhere nobody types, so a slow radio is given more time. */
export const strayPaceMs = 60;
/** Fast keys that prove a scanner although some were slow: more than hands can roll in a row. */
export const proofKeys = 5;
/** Where nothing can be typed, a majority is proof enough. */
export const strayProofKeys = 2;
/** A longer pause than this parts two pieces. Hiccups of Bluetooth are shorter, as a rule. */
export const joinMs = 150;
/** A scan begins after this much silence, or right after an end; otherwise what came before may belong to it. */
export const quietMs = 1_000;
/** Fewer keys are two fingers at once, not a tag. */
export const wedgeLengthMin = 3;
/** Longer than any tag may be (with room for prefixes); a stuck key must not fill the memory. */
export const wedgeLengthMax = 1_024;

export type Key = {
  readonly key: string;
  readonly atMs: number;
  /** The key types no plain letter: Ctrl, Alt or Meta is down (but not AltGr), or an input method composes. */
  readonly modified: boolean;
  /** It is held down and repeats by itself. */
  readonly repeats: boolean;
  /** The focus is where letters mean something: a field, a choice, a menu. */
  readonly typing: boolean;
};

export type Burst = {
  /** What was typed since `begins`. */
  readonly text: string;
  /** Of the last piece: its keys, and how many came fast or slow after the one before. */
  readonly keys: number;
  readonly fast: number;
  readonly slow: number;
  /** Keys in a row, up to the last, that came fast after one another. */
  readonly run: number;
  /** Enough keys came fast in a row to be the beginning of a tag. */
  readonly rushed: boolean;
  readonly spoiled: boolean;
  /** What may be a scanner's piece came before, and no end since. */
  readonly unfinished: boolean;
  readonly lastAtMs: number;
};

export type Verdict =
  | { readonly kind: "scanned"; readonly text: string }
  /** A scanner typed, but not all of one tag came as one piece. `isLeft`: its text stays, since it may be a person's. */
  | { readonly kind: "broken"; readonly text: string; readonly isLeft: boolean };

export type WedgeStep = {
  readonly burst: Burst;
  /** Keep the key from the page. Of keys that type a letter into something this is never true. */
  readonly swallow: boolean;
  /** `burst.text` begins here: remember what the focused field held before this key. */
  readonly begins: boolean;
  readonly verdict: Verdict | undefined;
};

export const noBurst: Burst = {
  text: "",
  keys: 0,
  fast: 0,
  slow: 0,
  run: 0,
  rushed: false,
  spoiled: false,
  unfinished: false,
  lastAtMs: Number.NEGATIVE_INFINITY,
};

const untouched: WedgeStep = { burst: noBurst, swallow: false, begins: false, verdict: undefined };

const silentKeys = new Set(["Shift", "CapsLock", "NumLock", "AltGraph", "Control", "Alt", "Meta"]);
const unreadableKeys = new Set(["Dead", "Process", "Unidentified"]);

type Kind = "silent" | "end" | "letter" | "unreadable" | "other";

const kindOf = ({ key, modified, repeats }: Key): Kind => {
  if (silentKeys.has(key)) return "silent";
  if (unreadableKeys.has(key)) return "unreadable";
  const types = [...key].length === 1;
  if (repeats) return "other";
  if (modified) return types ? "unreadable" : "other";
  if (key === "Enter" || key === "Tab") return "end";
  return types ? "letter" : "other";
};

type Piece = Pick<Burst, "keys" | "fast" | "slow" | "rushed">;

const isMostlyFast = ({ keys, fast, slow }: Piece): boolean => keys >= wedgeLengthMin && fast > slow;

/** Did a scanner type this piece? `isWhole` when its end came with it. */
const isScanners = (piece: Piece, { typing, isWhole }: { typing: boolean; isWhole: boolean }): boolean => {
  if (!isMostlyFast(piece)) return false;
  // Hands may roll every second key, however many: three in a row they do not.
  const isProven = typing ? piece.fast >= proofKeys && piece.rushed : piece.fast >= strayProofKeys;
  return isProven || (isWhole && piece.slow === 0);
};

const countGap = (burst: Burst, gapMs: number, typing: boolean): Burst => {
  if (gapMs >= (typing ? typedPaceMs : strayPaceMs)) return { ...burst, slow: burst.slow + 1, run: 1 };
  const run = burst.run + 1;
  return { ...burst, fast: burst.fast + 1, run, rushed: burst.rushed || run >= wedgeLengthMin };
};

/** Takes one key event. A pure function of the keys, their times and where they went. */
export const wedgeStep = (burst: Burst, key: Key): WedgeStep => {
  const kind = kindOf(key);
  const gapMs = key.atMs - burst.lastAtMs;
  if (kind === "silent") return { ...untouched, burst };
  if (kind === "other") return { ...untouched, burst: gapMs > joinMs ? burst : { ...burst, spoiled: true } };
  if (kind === "end") return atEnd(burst, gapMs, key.typing);
  // It scrolls the page or presses a button; no tag begins with it.
  if (key.key === " " && !key.typing && gapMs >= quietMs) return { ...untouched, burst };
  return atLetter(burst, gapMs, key, kind);
};

const atLetter = (burst: Burst, gapMs: number, key: Key, kind: "letter" | "unreadable"): WedgeStep => {
  const { typing, atMs } = key;
  const letter = kind === "letter" ? key.key : "";
  const isFull = burst.text.length + letter.length > wedgeLengthMax;
  const text = isFull ? burst.text : burst.text + letter;
  const isUnreadable = kind === "unreadable";
  if (gapMs <= joinMs) {
    const counted = countGap(burst, gapMs, typing);
    const spoiled = burst.spoiled || isUnreadable || isFull;
    return {
      ...untouched,
      burst: { ...counted, text, keys: burst.keys + 1, spoiled, lastAtMs: atMs },
      // A letter means nothing here, but Space would press the focused button.
      swallow: !typing && counted.fast > burst.fast && !isUnreadable,
    };
  }
  const goesOn = isScanners(burst, { typing, isWhole: false });
  const unfinished = burst.unfinished || burst.rushed || isMostlyFast(burst);
  const spoiled = unfinished || isUnreadable || gapMs < quietMs;
  return {
    ...untouched,
    burst: {
      ...noBurst,
      text: goesOn ? text : letter,
      keys: 1,
      run: 1,
      spoiled,
      unfinished,
      lastAtMs: atMs,
    },
    begins: !goesOn,
  };
};

const atEnd = (burst: Burst, gapMs: number, typing: boolean): WedgeStep => {
  const { text, spoiled, unfinished } = burst;
  const broken = (isLeft: boolean): WedgeStep => ({
    ...untouched,
    swallow: true,
    verdict: { kind: "broken", text, isLeft },
  });
  if (gapMs >= quietMs) return untouched;
  // Nobody types where nothing can be typed: whatever this was, it must not be lost in silence.
  const isStray = !typing && (unfinished || spoiled || burst.keys >= wedgeLengthMin);
  if (gapMs > joinMs)
    return isStray || isScanners(burst, { typing, isWhole: false }) ? broken(true) : untouched;
  const ended = countGap(burst, gapMs, typing);
  if (isScanners(ended, { typing, isWhole: true })) {
    if (spoiled) return broken(false);
    return { ...untouched, swallow: true, verdict: { kind: "scanned", text } };
  }
  if (unfinished && ended.slow === 0) return broken(false);
  return isStray ? broken(true) : untouched;
};

/** Nothing came for {@link quietMs}: did a scanner type into nothing, and no end follow? */
export const isAbandoned = (burst: Burst): boolean =>
  burst.unfinished || isScanners(burst, { typing: false, isWhole: false });

/** The fewest hexadecimal digits that nobody takes for a word: the shortest EPC in use has 64 bits. */
const hexTagLengthMin = 16;
const isHexTag = (piece: string): boolean => piece.length >= hexTagLengthMin && /^[0-9a-f]+$/i.test(piece);

/** A tag may have a space in it; where every piece of a line is a whole tag in hexadecimal, the spaces stand between tags. */
const inTags = (line: string): readonly string[] => {
  const pieces = line.split(/\s+/);
  return pieces.every(isHexTag) ? pieces : [line];
};

/** The tags in a pasted text: one a line (or tab-separated, or hexadecimal ones with spaces between), trimmed, each once, in order. */
export const pastedTags = (text: string): string[] => [
  ...new Set(
    text
      .split(/[\r\n\t]+/)
      .map((line) => line.trim())
      .filter((line) => line !== "")
      .flatMap(inTags),
  ),
];

/** Whether a text that hands wrote is rather words than a tag: a tag may have a space in it, and hardly any does. */
export const looksLikeWords = (text: string): boolean => /\s/.test(text.trim());
