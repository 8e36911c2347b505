/** A figure may lag behind the record for this long before it is doubted; ticks, which tell the head, come every 10 s. */
export const behindAfterMs = 8_000;

type Place = { readonly epoch: number; readonly pos: number };

/**
 * Notices that nobody projects any more although the line is alive: the record's head is ahead of the events that are
 * heard, and they do not move. Silence cannot tell that, since ticks go on.
 */
export const createHeadWatch = () => {
  const doubts = new Map<string, { pos: number; sinceMs: number }>();
  return {
    /**
     * Compares a site's head, as a tick tells it, with the events held of it. Answers since when the site's views are
     * behind, on our clock; undefined while they are not.
     */
    compare: (site: string, head: Place, held: Place, nowMs: number): number | undefined => {
      const before = doubts.get(site);
      if (head.epoch !== held.epoch || head.pos <= held.pos) {
        doubts.delete(site);
        return undefined;
      }
      if (before === undefined || before.pos !== held.pos) {
        doubts.set(site, { pos: held.pos, sinceMs: nowMs });
        return undefined;
      }
      return nowMs - before.sinceMs >= behindAfterMs ? before.sinceMs : undefined;
    },
    /** Something new was heard of the site. */
    moved: (site: string): void => void doubts.delete(site),
  };
};

/** Reads the `epoch:pos` of a tick. */
export const readHead = (text: string): Place | undefined => {
  const match = /^(\d+):(\d+)$/.exec(text);
  return match === null ? undefined : { epoch: Number(match[1]), pos: Number(match[2]) };
};
