import { headIntervalMs, type LiveView, liveViewOf, type Position } from "@tagwire/messages";
import type { Channel } from "./channel.ts";
import { newestOfLog } from "./newest-of-log.ts";
import { ownClockLookMs } from "./tail-watch.ts";

/** Heads that may be missing or unreached before it counts, in ms: a few, since a busy machine says one late. */
export const logProofMsMax = 4 * headIntervalMs;
/** How old the last answer of an owner of readers or alerts may be, in ms: it is asked every {@link ownClockLookMs}. */
export const ownProofMsMax = ownClockLookMs + logProofMsMax;
/** Heads remembered of a site: what was said longer ago than this proves nothing of now. */
const headsKeptMax = 60;

export type Proof = {
  /** The owner of a site's log said how far it is. */
  readonly head: (site: string, position: Position) => void;
  /** The owner of a view with positions of its own answered, and nothing of it was missing here. */
  readonly owned: (site: string, view: LiveView) => void;
  /** The last moment at which what was said of a view is known to have been all there is, in ms since 1970; undefined when never. */
  readonly provenAtMs: (site: string, view: LiveView) => number | undefined;
};

/**
 * Knows how fresh a view is by evidence alone: its owner's head that what was said here has reached. A manager that hangs is as
 * silent as one with nothing to say, and so is a site's owner that died; only a head that goes unreached, or that does not come,
 * tells.
 */
export const openProof = (
  channelsOf: (site: string) => readonly Channel[],
  nowMs: () => number = Date.now,
): Proof => {
  const heads = new Map<string, (Position & { readonly atMs: number })[]>();
  const proven = new Map<string, number>();

  const remember = (key: string, atMs: number) => proven.set(key, Math.max(atMs, proven.get(key) ?? 0));
  const logKey = (site: string) => `${site}/log`;
  const learn = (site: string) => {
    const said = newestOfLog(channelsOf(site));
    if (said === undefined) return;
    const reached = heads.get(site)?.findLast(({ epoch, pos }) => epoch === said.epoch && pos <= said.pos);
    if (reached !== undefined) remember(logKey(site), reached.atMs);
  };

  return {
    head: (site, { epoch, pos }) => {
      heads.set(site, [...(heads.get(site) ?? []), { epoch, pos, atMs: nowMs() }].slice(-headsKeptMax));
      learn(site);
    },
    owned: (site, view) => remember(`${site}/${view}`, nowMs()),
    provenAtMs: (site, view) => {
      if (liveViewOf(view).clock !== "site") return proven.get(`${site}/${view}`);
      learn(site);
      return proven.get(logKey(site));
    },
  };
};

/** How old a proof of a view may be before it counts as missing, in ms. */
export const proofMsMax = (view: LiveView): number =>
  liveViewOf(view).clock === "site" ? logProofMsMax : ownProofMsMax;
