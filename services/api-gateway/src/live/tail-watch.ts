import { ask, type Bus } from "@tagwire/bus";
import { AskReaders, AskSnapshot, type Position } from "@tagwire/messages";
import type { Channel } from "./channel.ts";

/** For so long the log may be ahead of what was said before we ask why, in ms. */
export const tailPatienceMs = 3_000;
/** How often the readers' owner is asked how far it is, in ms: its positions are its own, so that no head tells of them. */
export const readersLookMs = 15_000;

/**
 * Finds the loss that no later message can reveal: the manager committed something, could not say it, and then nothing happened
 * any more. The owners' heads tell that the log goes on; if the manager has got further than it said, everything is read
 * again. A manager that is merely late is left alone.
 */
export const openTailWatch = (
  bus: Bus,
  channelsOf: (site: string) => readonly Channel[],
  clockMs: () => number = () => performance.now(),
) => {
  const behind = new Map<string, { readonly pos: number; sinceMs: number }>();
  const readersLookedAtMs = new Map<string, number>();

  const newestOf = (channels: readonly Channel[]): Position | undefined => {
    // Every event is in the events view, so it tells exactly; the others tell at least as much as they have.
    const events = channels.find(({ view }) => view === "events")?.head();
    if (events !== undefined) return events;
    const heads = channels.map((channel) => channel.head()).filter((head) => head !== undefined);
    return heads.sort((one, other) => other.pos - one.pos)[0];
  };

  const look = async (site: string, channels: readonly Channel[], newest: Position) => {
    const read = await ask(bus, AskSnapshot, { site, view: "dashboard", cursor: null });
    const now = newestOf(channels);
    if (!read.known || read.epoch !== newest.epoch || now === undefined || read.pos <= now.pos) return;
    bus.log.warn({ site, said: now.pos, committed: read.pos }, "the end of what was said is missing");
    for (const channel of channels) channel.doubt();
  };

  const lookAtReaders = async (channel: Channel) => {
    const { epoch, pos } = await ask(bus, AskReaders, { site: channel.site });
    // What it said before it answered has arrived before the answer.
    const now = channel.head();
    if (now === undefined) return;
    channel.observe({ epoch, pos });
    if (epoch !== now.epoch || pos <= now.pos) return;
    bus.log.warn(
      { site: channel.site, said: now.pos, owned: pos },
      "the end of what was said of readers is missing",
    );
    channel.doubt();
  };

  const watchReaders = (site: string, channel: Channel | undefined) => {
    if (channel === undefined || channel.listeners() === 0) return void readersLookedAtMs.delete(site);
    const nowMs = clockMs();
    const lookedAtMs = readersLookedAtMs.get(site);
    if (lookedAtMs === undefined) readersLookedAtMs.set(site, nowMs);
    if (lookedAtMs === undefined || nowMs - lookedAtMs < readersLookMs) return;
    readersLookedAtMs.set(site, nowMs);
    lookAtReaders(channel).catch((err: unknown) => bus.log.warn({ err, site }, "owner of readers not asked"));
  };

  return (site: string, head: Position): void => {
    const all = channelsOf(site);
    const channels = all.filter(({ view }) => view !== "readers");
    watchReaders(
      site,
      all.find(({ view }) => view === "readers"),
    );
    const newest = newestOf(channels);
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
    if (nowMs - known.sinceMs < tailPatienceMs) return;
    known.sinceMs = nowMs;
    look(site, channels, newest).catch((err: unknown) => bus.log.warn({ err, site }, "manager not asked"));
  };
};
