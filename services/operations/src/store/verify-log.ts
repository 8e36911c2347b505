import { canonicalJson, chainHash, chainStart } from "@tagwire/digest";
import type { LoggedEvent } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { readEvents } from "./events.ts";

export type BrokenLink = { readonly pos: number; readonly why: "hash" | "chain" | "gap" };

/** What an event's own members come to, after the hash that it says it follows. */
const hashOf = ({ hash: _hash, ...unsealed }: LoggedEvent): string | undefined => {
  try {
    return chainHash(unsealed.prevHash, canonicalJson(unsealed));
  } catch {
    // A hash that was cut or a value that has no form: the event is not the one that was recorded.
    return undefined;
  }
};

/** Whether an event was recorded before the one before it. */
const isBefore = ({ recordedAt }: LoggedEvent, before: LoggedEvent | undefined): boolean =>
  before !== undefined && Date.parse(recordedAt) < Date.parse(before.recordedAt);

/**
 * Checks a stretch of the log: whether each event carries its own hash and that of the one before, with none left out, and was recorded
 * no earlier than that.
 */
export const verifyLog = async (
  sql: Sql,
  { site, epoch, after, limit }: { site: string; epoch: number; after: number; limit: number },
): Promise<{ checked: number; next: number | null; broken: BrokenLink[]; disordered: number[] }> => {
  // With the one before, whose hash the first one names.
  const read = await readEvents(sql, site, { epoch, pos: Math.max(0, after - 1) }, limit + 1);
  const before = after === 0 ? undefined : read.find(({ pos }) => pos === after);
  const events = read.filter(({ pos }) => pos > after).slice(0, limit);
  const broken: BrokenLink[] = [];
  const disordered: number[] = [];
  let [pos, hash, last] = [after, after === 0 ? chainStart : before?.hash, before];
  for (const event of events) {
    // Each that is gone is named, as many as a stretch can have.
    if (event.pos !== pos + 1)
      for (let gone = pos + 1; gone < event.pos && gone <= after + limit; gone += 1)
        broken.push({ pos: gone, why: "gap" });
    else if (hash !== undefined && event.prevHash !== hash) broken.push({ pos: event.pos, why: "chain" });
    if (hashOf(event) !== event.hash) broken.push({ pos: event.pos, why: "hash" });
    if (isBefore(event, last)) disordered.push(event.pos);
    ({ pos, hash } = event);
    last = event;
  }
  const isEnd = events.length < limit;
  return { checked: events.length, next: isEnd ? null : pos, broken, disordered };
};
