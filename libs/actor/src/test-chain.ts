import type { LoggedEvent } from "@tagwire/messages";
import { newId } from "@tagwire/messages";

export type Chain = { readonly site: string; readonly epoch: number; readonly events: LoggedEvent[] };

/** Events of a site that follow each other, for tests: dense positions, and hashes that only have to chain. */
export const chainOf = (site: string, count: number, epoch = 1): Chain => {
  const chain: Chain = { site, epoch, events: [] };
  extend(chain, count);
  return chain;
};

/** Writes more events; `about` makes members of each, by its position. Gives the new ones. */
export const extend = (
  chain: Chain,
  count: number,
  about: (pos: number) => Partial<LoggedEvent> = (pos) => ({ tag: `T${pos % 7}` }),
): LoggedEvent[] => {
  const from = chain.events.length;
  for (let pos = from + 1; pos <= from + count; pos += 1) {
    chain.events.push({
      epoch: chain.epoch,
      pos,
      id: newId(),
      type: "item.sighted.v1",
      site: chain.site,
      receivedAt: "2026-01-01T00:00:00Z",
      recordedAt: "2026-01-01T00:00:00Z",
      by: {},
      traceId: "",
      traceparent: "",
      data: {},
      prevHash: chain.events.at(-1)?.hash ?? "",
      hash: newId(),
      ...about(pos),
    });
  }
  return chain.events.slice(from);
};
