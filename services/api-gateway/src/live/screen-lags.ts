import {
  type LagCounts,
  type LiveView,
  lagBucketOf,
  liveViewOf,
  noLags,
  type Position,
} from "@tagwire/messages";

const minuteMs = 60_000;
/** Minutes of sites that may wait to be kept while the store is away; beyond that the oldest are given up. */
export const minutesWaitingMax = 10_000;
/** How long a minute that is over stays here: a clock that is set back comes to it again, and it is kept as a whole. */
const overMsMax = 5 * minuteMs;

/** What screens said in one minute of one site. */
export type ScreenMinute = {
  readonly site: string;
  /** Its start, RFC 3339. */
  readonly minute: string;
  readonly counts: LagCounts;
  readonly maxMs: number;
  /** The newest position that one of them showed. */
  readonly newest: Position;
};

export type ScreenLags = {
  /** A screen showed the newest that was sent of a view, which is of a position, so many ms after it was recorded. */
  readonly shown: (
    of: { readonly site: string; readonly view: LiveView },
    shown: Position & { readonly lagMs: number },
  ) => void;
  /** The minutes in which something was said since they were last taken, each as a whole. */
  readonly take: () => readonly ScreenMinute[];
  /** Gives back what could not be kept. */
  readonly giveBack: (minutes: readonly ScreenMinute[]) => void;
};

type Open = {
  readonly site: string;
  readonly minute: string;
  readonly counts: number[];
  maxMs: number;
  newest: Position;
};

const isAfter = (one: Position, other: Position): boolean =>
  one.epoch > other.epoch || (one.epoch === other.epoch && one.pos > other.pos);

const keyOf = ({ site, minute }: Pick<ScreenMinute, "site" | "minute">): string => `${minute} ${site}`;

/**
 * Counts how long it takes from the record to the screen, by site and minute, for the screens of this process. Only views that are made
 * of the log have a record. `shown` hears each of them, in s.
 */
export const openScreenLags = (
  nowMs: () => number = Date.now,
  shown: (view: LiveView, seconds: number) => void = () => {},
): ScreenLags => {
  const minutes = new Map<string, Open>();
  const changed = new Set<string>();

  const minuteAt = (site: string): Open => {
    const minute = new Date(Math.floor(nowMs() / minuteMs) * minuteMs).toISOString();
    const key = keyOf({ site, minute });
    changed.add(key);
    const known = minutes.get(key);
    if (known !== undefined) return known;
    const [oldest] = minutes.keys();
    if (minutes.size >= minutesWaitingMax && oldest !== undefined) {
      minutes.delete(oldest);
      changed.delete(oldest);
    }
    const opened = { site, minute, counts: [...noLags], maxMs: 0, newest: { epoch: 0, pos: 0 } };
    minutes.set(key, opened);
    return opened;
  };

  return {
    shown: ({ site, view }, { lagMs, epoch, pos }) => {
      if (liveViewOf(view).clock !== "site" || Number.isNaN(lagMs)) return;
      const own = minuteAt(site);
      const sample = Math.max(0, lagMs);
      shown(view, sample / 1_000);
      const bucket = lagBucketOf(sample);
      own.counts[bucket] = (own.counts[bucket] ?? 0) + 1;
      own.maxMs = Math.max(own.maxMs, sample);
      if (isAfter({ epoch, pos }, own.newest)) own.newest = { epoch, pos };
    },
    take: () => {
      const taken = [...changed].flatMap((key) => minutes.get(key) ?? []);
      changed.clear();
      // What is long over and was taken is nobody's any more, unless it is given back.
      const oldest = new Date(nowMs() - overMsMax).toISOString();
      for (const [key, { minute }] of minutes) if (minute < oldest) minutes.delete(key);
      return taken.map((own) => ({ ...own, counts: [...own.counts] }));
    },
    giveBack: (given) => {
      for (const one of given) {
        const key = keyOf(one);
        // The present one went on meanwhile, and has what it had.
        if (!minutes.has(key) && minutes.size < minutesWaitingMax)
          minutes.set(key, { ...one, counts: [...one.counts] });
        if (minutes.has(key)) changed.add(key);
      }
    },
  };
};
