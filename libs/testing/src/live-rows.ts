import type { LiveFrame, LiveRow } from "@tagwire/messages";

/**
 * What a client holds that follows the protocol and nothing else. Throws when a frame leaves a hole, or when a row is told that is
 * no newer than what is held of its key already.
 */
export const holdRows = () => {
  let rows = new Map<string, LiveRow>();
  let filling = new Map<string, LiveRow>();
  /** Of rows that are gone, too. */
  const versions = new Map<string, number>();
  const held: { rows: typeof rows; epoch: number; pos: number; generation?: string; snapshots: number } = {
    ...{ rows, epoch: 0, pos: 0, snapshots: 0 },
  };
  const receive = (frame: LiveFrame): void => {
    if (frame.op === "snap") {
      if (frame.part === 1) filling = new Map();
      for (const row of frame.rows) filling.set(row.key, row);
      if (!frame.last) return;
      rows = filling;
      versions.clear();
      for (const { key, version } of rows.values()) versions.set(key, version);
      const { epoch, pos, generation } = frame;
      Object.assign(held, { rows, epoch, pos, generation, snapshots: held.snapshots + 1 });
    }
    if (frame.op !== "delta") return;
    if (frame.epoch !== held.epoch || frame.prev !== held.pos)
      throw new Error(`a hole: ${frame.prev} after ${held.pos}`);
    for (const change of frame.changes) {
      const { key, version } = change;
      const known = versions.get(key) ?? 0;
      // A snapshot's later pages may be newer than its position: what made them so is told again, and is no news.
      if (known >= version && held.pos >= version) throw new Error(`${key}: ${version} after ${known}`);
      if (known >= version) continue;
      versions.set(key, version);
      if ("put" in change) rows.set(key, { ...change.put, key, version });
      else rows.delete(key);
    }
    held.pos = frame.pos;
  };
  return { held, receive };
};
