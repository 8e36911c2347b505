/**
 * Tells a keyboard-wedge scanner from a person.
 *
 * A scanner types like a keyboard, but faster than hands: 7–16 ms from key to key were measured, people take 80 ms and more.
 *
 *   first key ──fast key──► a burst? ──fast key──► a burst (keys are swallowed) ──Enter or Tab──► a scan
 *       ▲                      │                      │
 *       └──────slow key────────┴──────────────────────┘      slow keys are left alone: somebody types
 */

/** Keys further apart than this were not typed by a scanner. */
export const wedgeGapMsMax = 50;
/** Shorter bursts are two fingers at once, not a tag. */
export const wedgeLengthMin = 4;
/** Longer than any tag may be (with room for prefixes); a stuck key must not fill the memory. */
export const wedgeLengthMax = 1_024;
/** From this key on nothing reaches the field any more. The ones before it are taken back when the scan is complete. */
export const swallowFrom = 3;

export type Key = {
  readonly key: string;
  readonly atMs: number;
  /** Ctrl, Alt or Meta is down, the key repeats by itself, or an input method composes. */
  readonly foreign: boolean;
};

export type Burst = { readonly text: string; readonly lastAtMs: number };

export type WedgeStep = {
  readonly burst: Burst;
  /** Keep the key from the page. */
  readonly swallow: boolean;
  /** A first key: remember what the focused field held before it. */
  readonly begins: boolean;
  /** The burst is complete: this was scanned, and the focused field gets its old value back. */
  readonly scanned: string | undefined;
};

export const noBurst: Burst = { text: "", lastAtMs: Number.NEGATIVE_INFINITY };

const untouched: WedgeStep = { burst: noBurst, swallow: false, begins: false, scanned: undefined };
const silentKeys = new Set(["Shift", "CapsLock", "AltGraph"]);

/** Takes one key event. A pure function of the keys and their times. */
export const wedgeStep = (burst: Burst, { key, atMs, foreign }: Key): WedgeStep => {
  if (silentKeys.has(key)) return { ...untouched, burst };
  if (foreign) return untouched;
  const fast = atMs - burst.lastAtMs < wedgeGapMsMax;
  if (key === "Enter" || key === "Tab") {
    const complete = fast && burst.text.length >= wedgeLengthMin;
    return complete ? { ...untouched, swallow: true, scanned: burst.text } : untouched;
  }
  if ([...key].length !== 1) return untouched;
  if (!fast) return { ...untouched, burst: { text: key, lastAtMs: atMs }, begins: true };
  const text = burst.text.length < wedgeLengthMax ? burst.text + key : burst.text;
  return { ...untouched, burst: { text, lastAtMs: atMs }, swallow: text.length >= swallowFrom };
};

/** The tags in a pasted text: one a line (or tab-separated), trimmed, each once, in order. */
export const pastedTags = (text: string): string[] => [
  ...new Set(
    text
      .split(/[\r\n\t]+/)
      .map((line) => line.trim())
      .filter((line) => line !== ""),
  ),
];
