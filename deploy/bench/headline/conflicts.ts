import type { Statuses } from "./truth.ts";

export type Sides = {
  /** What the scans come to that were handed in so far, each in its true place. */
  readonly heard: Statuses;
  /** Where scans are kept: RFIDpro; operations. */
  readonly record: Pick<Statuses, "get">;
  /** What managers look at: the copy that is polled; the manager's rows. */
  readonly copy: Pick<Statuses, "get">;
};

/**
 * Counts conflicts, for both ways alike. At the end of an hour the sides are at odds about a thing if the record and the copy say different things
 * of it, or either says something else than the newest scan that was handed in: an update was overwritten by an older one, never came, or is still on
 * its way. It is a conflict if they are so at two looks in a row, which nothing is that is only on its way; it is counted once, at the second
 * look, however many hours it stays. What a device still holds is no conflict: nobody could know.
 */
export const openConflicts = () => {
  let atOdds = new Set<string>();
  let standing = new Set<string>();
  let begun = 0;
  let thingHours = 0;
  return {
    look: ({ heard, record, copy }: Sides): void => {
      const now = new Set<string>();
      for (const [tag, status] of heard)
        if (record.get(tag) !== status || copy.get(tag) !== status) now.add(tag);
      const conflicts = new Set([...now].filter((tag) => atOdds.has(tag)));
      for (const tag of conflicts) if (!standing.has(tag)) begun += 1;
      thingHours += conflicts.size;
      atOdds = now;
      standing = conflicts;
    },
    /** How many there were, and for how many hours of a thing they stood, each from its second look on. */
    counts: () => ({ begun, thingHours }),
  };
};
