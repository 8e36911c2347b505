import { drawGap, noise, type Random } from "../random.ts";

/** How fast a house lives: when the next thing happens, and how long goods are out. */
export type Pace = {
  /** When something happens next after an instant, Unix ms. */
  readonly nextMs: (random: Random, afterMs: number) => number;
  /** The mean time that goods are out on a contract. */
  readonly contractSpanMs: number;
  /** How many contracts are out before no more are taken on; with half of them, new ones come first. */
  readonly openContractsWanted: number;
  /** The least time between two counts of the whole house. */
  readonly sweepGapMs: number;
};

/** Gaps and spans at speed 1: a busy day of about 8,000 scans, without an evening. */
const busyGapMs = 30_000;
const busySpanMs = 45 * 60_000;
const busyOpenContracts = 16;

/** Always the same, day and night; for a demonstration, where nobody waits for the morning. */
export const evenPace = (speed: number): Pace => ({
  nextMs: (random, afterMs) => afterMs + Math.max(1, drawGap(random, busyGapMs / speed)),
  contractSpanMs: busySpanMs / speed,
  openContractsWanted: busyOpenContracts,
  sweepGapMs: 0,
});

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const opensMs = 6 * hourMs;
const closesMs = 18 * hourMs;
const openMs = closesMs - opensMs;

/** Mean sessions of a working day: 26,574 scans in 8.5 months, the largest counts aside, are about 80 a day. */
const sessionsPerDay = 20;
/** Of the busiest day of all, which had 7,978 scans. */
const sessionsOfBusiestDay = 900;
const weekendDays: readonly number[] = [0];
const goodsOutMs = 3 * dayMs;
/** 436 of the real items were out at once, on contracts of 6 at the median. */
const openContracts = 90;
const sweepEveryMs = 5 * dayMs;
/** One day in so many is the busiest: every month that is looked at has one. */
const busiestEveryDays = 28;

/** The working day in a period that is its busiest, counted from the start. */
const busiestOf = (seed: string, firstDay: number, period: number): number => {
  const days = Array.from(
    { length: busiestEveryDays },
    (_, index) => firstDay + period * busiestEveryDays + index,
  );
  const working = days.filter((day) => !weekendDays.includes(new Date(day * dayMs).getUTCDay()));
  // Not in the first days, so that goods are out when it comes.
  const late = working.slice(Math.floor(working.length / 3));
  return late[Math.floor(noise(seed, "busiest", period) * late.length)] ?? firstDay;
};

/**
 * The hours and days of a real house: six in the morning to six in the evening, not on Sundays, some days with three times the work
 * of others, and the busiest one of all once in four weeks. Goods are out for days.
 */
export const workingPace = (seed: string, startMs: number): Pace => {
  const firstDay = Math.floor(startMs / dayMs);
  const gapOn = (day: number): number => {
    const period = Math.floor((day - firstDay) / busiestEveryDays);
    if (day === busiestOf(seed, firstDay, period)) return openMs / sessionsOfBusiestDay;
    return openMs / sessionsPerDay / (0.5 + noise(seed, "work of a day", day));
  };
  const isOpen = (atMs: number): boolean => {
    const inDayMs = atMs % dayMs;
    return !weekendDays.includes(new Date(atMs).getUTCDay()) && inDayMs >= opensMs && inDayMs < closesMs;
  };
  const opening = (afterMs: number): number => {
    const day = Math.floor(afterMs / dayMs);
    const candidates = [0, 1, 2].map((later) => (day + later) * dayMs + opensMs);
    return candidates.find((atMs) => atMs >= afterMs && isOpen(atMs)) ?? afterMs + dayMs;
  };
  return {
    nextMs: (random, afterMs) => {
      let fromMs = isOpen(afterMs) ? afterMs : opening(afterMs);
      for (;;) {
        const atMs = fromMs + Math.max(1, drawGap(random, gapOn(Math.floor(fromMs / dayMs))));
        if (isOpen(atMs) && Math.floor(atMs / dayMs) === Math.floor(fromMs / dayMs)) return atMs;
        fromMs = opening(fromMs);
      }
    },
    contractSpanMs: goodsOutMs,
    openContractsWanted: openContracts,
    sweepGapMs: sweepEveryMs,
  };
};
