import type { Channel } from "./channel.ts";
import { type Connection, unackedFramesMax } from "./connection.ts";
import type { Change, Delta } from "./delta.ts";
import { sieveOf } from "./filter.ts";
import { follow } from "./follow.ts";
import type { Following, Wanted } from "./following.ts";
import { openHeldBack } from "./held-back.ts";
import type { Hub } from "./hub.ts";
import type { Acknowledged } from "./request.ts";

export type Subscription = {
  readonly wanted: Wanted;
  readonly ack: (at: Acknowledged) => void;
  readonly stop: () => void;
};

/**
 * Follows one view for one client: snapshot or resume, then deltas, each naming the position of the frame before it.
 * Ends with a reset or an error when it cannot go on; `onEnd` hears of it.
 */
export const subscribe = (
  hub: Hub,
  { channel, connection }: { channel: Channel; connection: Connection },
  wanted: Wanted,
  onEnd: () => void,
): Subscription => {
  const { id, view } = wanted;
  const sieve = sieveOf(view, wanted.filter);
  const held = openHeldBack(view);
  const idText = JSON.stringify(id);
  const unacked: number[] = [];
  const leaving = new AbortController();
  const { signal } = leaving;
  let acknowledges = false;
  let live = false;
  let epoch = wanted.from?.epoch ?? 0;
  let covered = wanted.from?.pos ?? 0;
  let sentPos = covered;

  const end = () => {
    if (signal.aborted) return;
    live = false;
    leaving.abort();
    dropHeld();
    leave();
    hub.metrics.subscriptions(-1, view);
    onEnd();
  };
  const dropHeld = () => connection.keep(-(held.take()?.bytes ?? 0));
  const reset: Following["reset"] = (reason) => {
    if (signal.aborted) return;
    end();
    connection.reset(id, reason);
  };

  const sendDelta = (changes: readonly Change[], pos: number, at: string) => {
    const rows = changes.map(({ text }) => text).join(",");
    const head = `{"op":"delta","id":${idText},"epoch":${epoch},"prev":${sentPos},"pos":${pos}`;
    connection.sendText("delta", `${head},"at":${JSON.stringify(at)},"changes":[${rows}]}`, { epoch, pos });
    sentPos = pos;
    if (!acknowledges) return;
    unacked.push(pos);
    if (unacked.length > unackedFramesMax) reset("slow");
  };
  const flush = () => {
    if (signal.aborted || held.isEmpty()) return;
    const taken = held.take();
    if (taken === undefined) return;
    connection.keep(-taken.bytes);
    sendDelta(taken.changes, taken.pos, taken.at);
  };
  /** Sends, holds back or gives up. True when a frame left. */
  const pass = (delta: Delta): boolean => {
    if (signal.aborted || delta.pos <= covered) return false;
    // The part of it that was read from the log already happened once.
    const isRepeat = (change: Change) => view === "events" && change.version <= covered;
    const changes = sieve(delta.changes).filter((change) => !isRepeat(change));
    covered = delta.pos;
    if (changes.length === 0) return false;
    if (held.isEmpty() && connection.hasRoom()) {
      sendDelta(changes, delta.pos, delta.at);
      return true;
    }
    if (held.isEmpty()) connection.whenRoom(flush);
    connection.keep(held.add(delta, changes));
    if (connection.isOverfull()) reset("slow");
    return false;
  };

  const following: Following = {
    wanted,
    hub,
    channel,
    connection,
    signal,
    covered: () => covered,
    epoch: () => epoch,
    part: ({ rows, part, last }, at) => {
      const build = at.generation === undefined ? "" : `,"generation":${JSON.stringify(at.generation)}`;
      const head = `{"op":"snap","id":${idText},"epoch":${at.epoch}${build},"pos":${at.pos}`;
      const text = `${head},"part":${part},"last":${last},"rows":${rows}}`;
      // Who is cut off between two parts holds nothing that it could go on from.
      connection.sendText("snap", text, last ? at : undefined);
    },
    settle: (at) => {
      epoch = at.epoch;
      covered = at.pos;
      sentPos = at.pos;
      // Positions may begin again with a snapshot, so what was sent before it is not waited for.
      unacked.length = 0;
    },
    pass,
    setLive: (now) => {
      live = now && !signal.aborted;
    },
    dropHeld,
    reset,
    refuse: (code, message) => {
      if (signal.aborted) return;
      end();
      connection.refuse(id, { code, message });
    },
  };

  const loop = follow(following);
  const leave = channel.listen({
    delta: (delta) => live && pass(delta),
    gap: () => loop.heal(),
    epoch: () => reset("epoch"),
  });
  hub.metrics.subscriptions(1, view);
  // Not before the caller knows us: what ends at once has to be found to be forgotten.
  queueMicrotask(loop.start);

  return {
    wanted,
    ack: (at) => {
      // It was said of rows that are not shown any more, or of another clock.
      if (at.epoch !== undefined && at.epoch !== epoch) return;
      acknowledges = true;
      const kept = unacked.findIndex((sent) => sent > at.pos);
      unacked.splice(0, kept === -1 ? unacked.length : kept);
    },
    stop: end,
  };
};
