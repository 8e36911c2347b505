import type { Channel } from "./channel.ts";
import { type Connection, unackedFramesMax } from "./connection.ts";
import type { Change, Delta } from "./delta.ts";
import type { Gathered } from "./fan-out.ts";
import { sieveOf } from "./filter.ts";
import { follow } from "./follow.ts";
import type { Following, Wanted } from "./following.ts";
import { type DeltaText, deltaText } from "./frame.ts";
import { openHeldBack } from "./held-back.ts";
import type { Hub } from "./hub.ts";
import type { Acknowledged } from "./request.ts";

/** Frames of which it is remembered when what they say was recorded: more than are on the way to a screen that keeps up. */
const unshownFramesMax = 32;

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
  const fanOut = hub.fanOuts.of(channel, wanted.filter);
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
  /** The newest frames that were sent, until it is known that they, or later ones, are shown. */
  let unshown: Pick<Delta, "pos" | "at">[] = [];

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

  const send = (text: DeltaText, { pos, at }: Pick<Delta, "pos" | "at">) => {
    connection.sendFrame("delta", text.frame(idText, sentPos), { epoch, pos });
    sentPos = pos;
    // What somebody missed while they were away is old news, and says nothing about the way to the screen.
    if (live) unshown.push({ pos, at });
    if (unshown.length > unshownFramesMax) unshown.shift();
    if (!acknowledges) return;
    unacked.push(pos);
    if (unacked.length > unackedFramesMax) reset("slow");
  };
  const flush = () => {
    if (signal.aborted || held.isEmpty()) return;
    const taken = held.take();
    if (taken === undefined) return;
    connection.keep(-taken.bytes);
    send(deltaText({ epoch, ...taken }), taken);
  };
  /** Sends what somebody else has put into text, holds it back or gives up. True when a frame left. */
  const passOn = (
    said: Pick<Delta, "pos" | "at">,
    changes: readonly Change[],
    text: () => DeltaText,
  ): boolean => {
    covered = said.pos;
    if (changes.length === 0) return false;
    if (held.isEmpty() && connection.hasRoom()) {
      send(text(), said);
      return true;
    }
    if (held.isEmpty()) connection.whenRoom(flush);
    connection.keep(held.add(said, changes));
    if (connection.isOverfull()) reset("slow");
    return false;
  };
  /** What this one has not got of it yet: it may have come, or come back, in the middle of what was gathered. */
  const newIn = (changes: readonly Change[]) => changes.filter(({ pos }) => pos > covered);
  const pass = (delta: Delta): void => {
    if (signal.aborted || delta.pos <= covered) return;
    const changes = newIn(sieve(delta.changes));
    passOn(delta, changes, () => deltaText({ ...delta, epoch, changes }));
  };
  const take = (gathered: Gathered): boolean => {
    if (!live || gathered.pos <= covered) return false;
    if (covered <= gathered.from) return passOn(gathered, gathered.changes, () => gathered.text);
    const changes = newIn(gathered.changes);
    return passOn(gathered, changes, () => deltaText({ ...gathered, changes }));
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
      connection.sendFrame("snap", Buffer.from(text), last ? at : undefined);
    },
    settle: (at) => {
      epoch = at.epoch;
      covered = at.pos;
      sentPos = at.pos;
      // Positions may begin again with a snapshot, so what was sent before it is not waited for.
      unacked.length = 0;
      unshown = [];
    },
    pass,
    setLive: (now) => {
      // What is of no interest is not passed on, but who is live has got past it.
      if (live) covered = Math.max(covered, fanOut.passedOn());
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
  const leave = fanOut.join({
    take,
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
      const shown = unshown.find(({ pos }) => pos === at.pos);
      if (shown !== undefined && at.agoMs !== undefined)
        hub.screenLags.shown(channel, {
          ...{ epoch, pos: shown.pos },
          lagMs: Date.now() - at.agoMs - Date.parse(shown.at),
        });
      unshown = unshown.filter(({ pos }) => pos > at.pos);
      const kept = unacked.findIndex((sent) => sent > at.pos);
      unacked.splice(0, kept === -1 ? unacked.length : kept);
    },
    stop: end,
  };
};
