import { liveViewOf } from "@tagwire/messages";
import type { Channel } from "./channel.ts";
import type { Change } from "./delta.ts";
import { type Filter, filterName, sieveOf } from "./filter.ts";
import { type DeltaText, deltaText } from "./frame.ts";
import { openHeldBack } from "./held-back.ts";
import type { Pace } from "./pace.ts";

/** What was gathered for all who follow the same part of a view. */
export type Gathered = {
  /** Everything up to here was passed on before. */
  readonly from: number;
  readonly epoch: number;
  readonly pos: number;
  readonly at: string;
  readonly changes: readonly Change[];
  readonly text: DeltaText;
};

/** Somebody who follows a part of a view. Each call must be quick and must not throw. */
export type Follower = {
  /** Gives whether a frame left. */
  readonly take: (gathered: Gathered) => boolean;
  readonly gap: () => void;
  readonly epoch: () => void;
};

/** One part of a view, sifted, gathered and put into text once for all who follow it. */
export type FanOut = {
  readonly join: (follower: Follower) => () => void;
  /** Everything up to here that is of interest was passed on to who was there. */
  readonly passedOn: () => number;
};

/**
 *   quiet ──a change──► (sent at once) ──► resting ──its time is over, nothing came──► quiet
 *                                            └──changes──► gathering ──its time is over──► (sent) ──► resting
 */
const openFanOut = (channel: Channel, filter: Filter, pace: Pace, onNobody: () => void): FanOut => {
  const { view } = channel;
  const sieve = sieveOf(view, filter);
  const { gatherMs } = liveViewOf(view);
  const gathering = openHeldBack(view);
  const followers = new Set<Follower>();
  let onSent: (() => void)[] = [];
  let passedOn = -1;
  let coveredPos = -1;
  let restUntilMs = 0;
  let timer: NodeJS.Timeout | undefined;

  /** Gives whether a frame left. */
  const flush = (): boolean => {
    const taken = gathering.take();
    const callbacks = onSent;
    onSent = [];
    if (taken === undefined) return false;
    const startedAtMs = performance.now();
    const { changes, at } = taken;
    const said = { epoch: channel.head()?.epoch ?? 0, pos: coveredPos, at, changes };
    const gathered: Gathered = { ...said, from: passedOn, text: deltaText(said) };
    passedOn = coveredPos;
    let sent = 0;
    for (const follower of followers) if (follower.take(gathered)) sent += 1;
    const endedAtMs = performance.now();
    pace.spend(endedAtMs - startedAtMs);
    restUntilMs = endedAtMs + pace.restMs(gatherMs);
    if (sent > 0) for (const call of callbacks) call();
    return sent > 0;
  };
  const restIsOver = () => {
    timer = undefined;
    flush();
  };
  const drop = () => {
    clearTimeout(timer);
    timer = undefined;
    onSent = [];
    gathering.take();
    passedOn = -1;
    coveredPos = -1;
  };

  const leaveChannel = channel.listen({
    delta: (delta, sent) => {
      // An owner may begin before what it said last, and an event that was told is not told again.
      const changes = sieve(delta.changes).filter(({ pos }) => pos > coveredPos);
      if (gathering.isEmpty()) passedOn = Math.max(passedOn, delta.prev);
      coveredPos = delta.pos;
      if (changes.length === 0) {
        if (gathering.isEmpty()) passedOn = delta.pos;
        return "nothing";
      }
      gathering.add(delta, changes);
      const waitMs = restUntilMs - performance.now();
      if (waitMs <= 0 && timer === undefined) return flush() ? "sent" : "nothing";
      onSent.push(sent);
      timer ??= setTimeout(restIsOver, waitMs);
      return "later";
    },
    gap: () => {
      for (const follower of [...followers]) follower.gap();
      drop();
    },
    epoch: () => {
      for (const follower of [...followers]) follower.epoch();
      drop();
    },
    followers: () => followers.size,
  });

  return {
    passedOn: () => passedOn,
    join: (follower) => {
      followers.add(follower);
      return () => {
        if (!followers.delete(follower) || followers.size > 0) return;
        drop();
        leaveChannel();
        onNobody();
      };
    },
  };
};

export type FanOuts = { readonly of: (channel: Channel, filter: Filter) => FanOut };

/** Everybody who follows the same part of the same view shares one. It ends with the last who follows it. */
export const openFanOuts = (pace: Pace): FanOuts => {
  const open = new Map<Channel, Map<string, FanOut>>();
  return {
    of: (channel, filter) => {
      const ofChannel = open.get(channel) ?? new Map<string, FanOut>();
      open.set(channel, ofChannel);
      const name = filterName(filter);
      const known = ofChannel.get(name);
      if (known !== undefined) return known;
      const opened = openFanOut(channel, filter, pace, () => {
        ofChannel.delete(name);
        if (ofChannel.size === 0) open.delete(channel);
      });
      ofChannel.set(name, opened);
      return opened;
    },
  };
};
