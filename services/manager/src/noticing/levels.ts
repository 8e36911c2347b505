import { type Bus, hear } from "@tagwire/bus";
import { type Head, headIntervalMs, type Position } from "@tagwire/messages";

/** So old may a head be that the rows have reached, in ms: rows that lack what is older lag, and nothing is said by them. */
export const lagMsMax = 10_000;
/** Heads come once a second, and after each commit at most as often as that. */
const headsKeptMax = (2 * lagMsMax) / headIntervalMs;

type HeardHead = Position & { readonly atMs: number; readonly saidAtMs: number };

export type Levels = {
  /**
   * Whether rows at a position are as new as the log was a moment ago. Not while nobody says where the log is: then we cannot
   * know.
   */
  readonly isLevel: (site: string, position: Position, nowMs: number) => boolean;
  /**
   * When rows of a site at a position were last known to be all there is, in ms since 1970; undefined when that was longer ago
   * than is remembered.
   */
  readonly lastLevel: (site: string, position: Position) => number | undefined;
  /** The newest position that was said of a site. */
  readonly headOf: (site: string) => Position | undefined;
  readonly stop: () => Promise<void>;
};

/** Hears the owners' heads, to know how far the log is. */
export const openLevels = (bus: Bus, clockMs: () => number): Levels => {
  const heads = new Map<string, HeardHead[]>();
  const heard = hear(bus, "head.*", (message) => {
    const { epoch, pos, at } = message.json<Head>();
    if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(pos)) return;
    const site = message.subject.slice("head.".length);
    const known = heads.get(site) ?? [];
    const atMs = clockMs();
    // What waited for us to hear it is as old as it says; a clock ahead of ours proves nothing of the future.
    const saidAtMs = Math.min(Date.parse(at) || atMs, atMs);
    heads.set(site, [...known, { epoch, pos, atMs, saidAtMs }].slice(-headsKeptMax));
  });
  return {
    isLevel: (site, position, nowMs) => {
      const recent = (heads.get(site) ?? []).filter(({ atMs }) => nowMs - atMs <= lagMsMax);
      const newest = recent.at(-1);
      if (newest?.epoch !== position.epoch) return false;
      return recent.some(({ epoch, pos }) => epoch === position.epoch && pos <= position.pos);
    },
    lastLevel: (site, position) =>
      (heads.get(site) ?? []).findLast(({ epoch, pos }) => epoch === position.epoch && pos <= position.pos)
        ?.saidAtMs,
    headOf: (site) => heads.get(site)?.at(-1),
    stop: heard.stop,
  };
};
