/** A code has to be read in so many pictures in a row: some bars have no check digit, and one picture may be blurred. */
export const picturesInARow = 2;
/** A code that was out of the picture for so long, in ms, is shown again on purpose. */
export const forgottenAfterMs = 2_000;

type Seen = { readonly inARow: number; readonly lastAtMs: number; readonly isTold: boolean };

/**
 * Makes scans of what a camera reads picture by picture: each code once as long as it is held before the camera. Holds what was in the
 * pictures of the last {@link forgottenAfterMs} and nothing else.
 */
export const createSightings = () => {
  let seen = new Map<string, Seen>();
  return {
    /** The codes of one picture; the answer is what is new. */
    see: (texts: readonly string[], atMs: number): readonly string[] => {
      const now = new Set(texts.map((text) => text.trim()).filter((text) => text !== ""));
      const next = new Map<string, Seen>();
      for (const [text, { isTold, lastAtMs }] of seen)
        if (!now.has(text) && atMs - lastAtMs < forgottenAfterMs)
          next.set(text, { inARow: 0, lastAtMs, isTold });
      const news: string[] = [];
      for (const text of now) {
        const before = seen.get(text);
        const isFresh = before === undefined || atMs - before.lastAtMs >= forgottenAfterMs;
        const inARow = (isFresh ? 0 : before.inARow) + 1;
        const wasTold = !isFresh && before.isTold;
        const isNews = !wasTold && inARow >= picturesInARow;
        if (isNews) news.push(text);
        next.set(text, { inARow, lastAtMs: atMs, isTold: wasTold || isNews });
      }
      seen = next;
      return news;
    },
  };
};
