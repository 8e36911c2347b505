import { ask, type Bus } from "@tagwire/bus";
import { AskSnapshot, type LiveView, liveViewOf, type Position } from "@tagwire/messages";
import type { Channel } from "./channel.ts";
import { newestOfLog } from "./newest-of-log.ts";
import { readPosition } from "./snapshots.ts";

/** For so long the log may be ahead of what was said before we ask why, in ms. */
export const tailPatienceMs = 3_000;
/**
 * What is committed is said a moment later. Where the manager has got further than it said, and said nothing for so long after it told so,
 * it will not say it any more, in ms.
 */
export const sayingPatienceMs = 1_000;
/** How often the owner of a view that counts its own positions is asked how far it is, in ms: no head tells of them. */
export const ownClockLookMs = 5_000;

/** A site that is ahead of what was said: up to where that is, since when, and how far the manager said since then that it is. */
type Behind = {
  readonly pos: number;
  sinceMs: number;
  committed?: { readonly pos: number; readonly atMs: number };
};

/**
 * Finds the loss that no later message can reveal: the manager committed something, could not say it, and then nothing happened
 * any more. The owners' heads tell that the log goes on; if the manager has got further than it said, everything is read
 * again. A manager that is merely late is left alone. `owned` is told when an owner answered and nothing of its view was missing.
 */
export const openTailWatch = (
  bus: Bus,
  channelsOf: (site: string) => readonly Channel[],
  {
    owned = () => {},
    clockMs = () => performance.now(),
  }: { owned?: (site: string, view: LiveView) => void; clockMs?: () => number } = {},
) => {
  const behind = new Map<string, Behind>();
  const lookedAtMs = new WeakMap<Channel, number>();

  const look = async (site: string, epoch: number, known: Behind) => {
    const read = await ask(bus, AskSnapshot, { site, view: "dashboard", cursor: null });
    if (read.known && read.epoch === epoch && read.pos > known.pos)
      known.committed = { pos: read.pos, atMs: clockMs() };
  };

  const lookAtOwner = async (channel: Channel) => {
    const { site, view } = channel;
    const read = await readPosition(bus, channel);
    // What it said before it answered has arrived before the answer.
    const now = channel.head();
    if (now === undefined || read === undefined) return;
    const { epoch, pos } = read;
    channel.observe(read);
    if (epoch !== now.epoch || pos <= now.pos) return owned(site, view);
    bus.log.warn({ site, view, said: now.pos, owned: pos }, "the end of what was said is missing");
    channel.doubt();
  };

  const watchOwner = (channel: Channel) => {
    if (channel.listeners() === 0) return void lookedAtMs.delete(channel);
    const nowMs = clockMs();
    const beforeMs = lookedAtMs.get(channel);
    if (beforeMs === undefined) lookedAtMs.set(channel, nowMs);
    if (beforeMs === undefined || nowMs - beforeMs < ownClockLookMs) return;
    lookedAtMs.set(channel, nowMs);
    const { site, view } = channel;
    lookAtOwner(channel).catch((err: unknown) =>
      bus.log.warn({ err, site, view }, "owner of a view not asked"),
    );
  };

  return (site: string, head: Position): void => {
    const all = channelsOf(site);
    const channels = all.filter(hasClockOfSite);
    for (const channel of all) if (!hasClockOfSite(channel)) watchOwner(channel);
    const newest = newestOfLog(channels);
    const isFollowed = channels.some((channel) => channel.listeners() > 0);
    if (!isFollowed || newest === undefined || newest.epoch !== head.epoch || newest.pos >= head.pos) {
      behind.delete(site);
      return;
    }
    const known = behind.get(site);
    const nowMs = clockMs();
    if (known?.pos !== newest.pos) {
      behind.set(site, { pos: newest.pos, sinceMs: nowMs });
      return;
    }
    const { committed } = known;
    if (committed !== undefined) {
      if (nowMs - committed.atMs < sayingPatienceMs) return;
      behind.delete(site);
      bus.log.warn(
        { site, said: newest.pos, committed: committed.pos },
        "the end of what was said is missing",
      );
      for (const channel of channels) channel.doubt();
      return;
    }
    if (nowMs - known.sinceMs < tailPatienceMs) return;
    known.sinceMs = nowMs;
    look(site, newest.epoch, known).catch((err: unknown) => bus.log.warn({ err, site }, "manager not asked"));
  };
};

const hasClockOfSite = ({ view }: Channel): boolean => liveViewOf(view).clock === "site";
