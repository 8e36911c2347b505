import { createHash } from "node:crypto";
import { thingNameOf } from "@tagwire/epc";
import { faultCatalogue } from "@tagwire/messages";
import type { RowOutcome } from "./import-answer.ts";

/** Tags that are remembered of one dry run; some 12 MB. */
export const seenTagsMax = 200_000;
const digestBytes = 6;

/** Of the thing that a tag names: another tag of it is refused as much. */
const digestOf = (tag: string): number =>
  createHash("sha256")
    .update(thingNameOf(tag) ?? tag)
    .digest()
    .readUIntBE(0, digestBytes);

export type SeenTags = {
  /** Says of each outcome whose tag was in an earlier chunk that it is. */
  readonly mark: (outcomes: readonly RowOutcome[]) => readonly RowOutcome[];
  readonly warnings: () => string[];
};

/**
 * A dry run leaves nothing behind for its later chunks to be decided on. Within a chunk each row is decided on what the ones before it
 * would leave; of a tag that comes again in another chunk that cannot be known, so it is told.
 *
 * Remembered as 48 bits of SHA-256: among 200,000 tags one is taken for another once in some ten thousand files, and then a row is
 * called a duplicate in a trial.
 */
export const createSeenTags = (tagsMax = seenTagsMax): SeenTags => {
  const seen = new Set<number>();
  let isFull = false;
  const code = "duplicate_in_import";

  return {
    mark: (outcomes) => {
      const digests = outcomes.map(({ tag }) => (tag === null ? undefined : digestOf(tag)));
      const marked = outcomes.map((outcome, index) => {
        const digest = digests[index];
        const isAgain = digest !== undefined && seen.has(digest) && outcome.code === undefined;
        return isAgain ? { ...outcome, code, message: faultCatalogue[code].advice } : outcome;
      });
      for (const digest of digests) {
        if (digest === undefined || seen.has(digest)) continue;
        if (seen.size < tagsMax) seen.add(digest);
        else isFull = true;
      }
      return marked;
    },
    warnings: () =>
      isFull ? [`only the first ${tagsMax} tags were looked for again: later repeats are not told`] : [],
  };
};
