import { expectedTagsMax, type LoggedEvent, sessionKeysOf } from "@tagwire/messages";

/** Tags of sessions that one run reads and writes: as many as the largest session expects. */
export const sessionTagsPerRunMax = expectedTagsMax;

/**
 * Cuts a run where it would touch too many tags of sessions. A session that expects a whole place begins with one event and thousands of
 * tags, so that the number of events says little of what a run holds in memory.
 */
export const cutBySessionTags = (events: readonly LoggedEvent[]): (readonly LoggedEvent[])[] => {
  const runs: LoggedEvent[][] = [];
  let tags = 0;
  for (const event of events) {
    const own = sessionKeysOf(event)?.tags.length ?? 0;
    const open = runs.at(-1);
    tags += own;
    if (open !== undefined && tags <= sessionTagsPerRunMax) {
      open.push(event);
      continue;
    }
    runs.push([event]);
    tags = own;
  }
  return runs;
};
