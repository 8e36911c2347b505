import type { Bus } from "@tagwire/bus";
import { type LoggedEvent, type Position, siteEventsSubject } from "@tagwire/messages";

/** The position of the newest event of a site that a stream holds, as its headers say; undefined when it holds none. */
export const newestIn = async (bus: Bus, stream: string, site: string): Promise<Position | undefined> => {
  const message = await bus.manager.streams.getMessage(stream, { last_by_subj: siteEventsSubject(site) });
  if (message === null) return undefined;
  const position = {
    epoch: Number(message.header.get("tw-epoch")),
    pos: Number(message.header.get("tw-pos")),
  };
  return position.epoch > 0 && position.pos > 0 ? position : undefined;
};

/**
 * How many of a site's first events, of `mark`, were recorded before `sinceMs`: a stream that is filled anew begins after them, since
 * it would not keep them. Events are recorded in the order of their positions, so reading a few of them finds it.
 */
export const countTooOld = async (
  readAt: (pos: number) => Promise<LoggedEvent | undefined>,
  mark: number,
  sinceMs: number,
): Promise<number> => {
  let low = 0;
  let high = mark;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const event = await readAt(middle + 1);
    const isKept = event !== undefined && Date.parse(event.recordedAt) >= sinceMs;
    if (isKept) high = middle;
    else low = middle + 1;
  }
  return low;
};
