import type { Item, LiveChange, LiveDelta, LiveRow, LoggedEvent } from "@tagwire/messages";
import { liveTracesMax, positionText } from "@tagwire/messages";

/** Below NATS's default bound of 1 MiB for a message, with room for whatever a gateway wraps around it. */
export const liveMessageBytesMax = 700_000;

/** A change, and the position from which it holds. */
export type PlacedChange = { readonly pos: number; readonly change: LiveChange };

export type LiveRun = {
  readonly site: string;
  readonly epoch: number;
  readonly generation?: string | undefined;
  /** The position of the message before the first of this run. */
  readonly prev: number;
  readonly pos: number;
  readonly at: string;
  readonly traces: readonly string[];
};

export const itemChanges = (items: Iterable<{ readonly item: Item }>): PlacedChange[] =>
  [...items]
    .map(({ item }) => ({ pos: item.pos, change: { key: item.tag, version: item.version, put: item } }))
    .sort((left, right) => left.pos - right.pos);

export const eventChanges = (events: readonly LoggedEvent[]): PlacedChange[] =>
  events.map((event) => ({
    pos: event.pos,
    change: { key: positionText(event), version: event.pos, put: event },
  }));

export const rowChanges = (rows: readonly LiveRow[]): PlacedChange[] =>
  rows.map(({ key, version, ...put }) => ({ pos: version, change: { key, version, put } }));

const inChunks = (changes: readonly PlacedChange[], bytesMax: number): PlacedChange[][] => {
  const chunks: PlacedChange[][] = [];
  let bytes = 0;
  for (const placed of changes) {
    const size = Buffer.byteLength(JSON.stringify(placed.change)) + 1;
    const chunk = chunks.at(-1);
    if (chunk === undefined || bytes + size > bytesMax) {
      chunks.push([placed]);
      bytes = size;
    } else {
      chunk.push(placed);
      bytes += size;
    }
  }
  return chunks;
};

/**
 * The messages that carry a run of changes, given in the order of their positions. Usually one; a run that is too large
 * travels as several, each following the one before, so that a listener who misses one of them knows.
 */
export const liveMessages = (
  run: LiveRun,
  changes: readonly PlacedChange[],
  bytesMax = liveMessageBytesMax,
): LiveDelta[] => {
  const chunks = inChunks(changes, bytesMax);
  let { prev } = run;
  return chunks.map((chunk, index) => {
    const following = chunks.length - 1 - index;
    // Several rows may share the last position: then the messages before the last count backwards from it.
    const pos = following === 0 ? run.pos : Math.min(chunk.at(-1)?.pos ?? run.pos, run.pos - following);
    const message: LiveDelta = {
      site: run.site,
      epoch: run.epoch,
      ...(run.generation === undefined ? {} : { generation: run.generation }),
      prev,
      pos,
      at: run.at,
      traces: run.traces.slice(0, liveTracesMax),
      changes: chunk.map(({ change }) => change),
    };
    prev = pos;
    return message;
  });
};
