/** How a driver spares a module that is too hot. */
export type HeatLimits = {
  readonly stepDb: number;
  readonly backOffMaxDb: number;
  /** After a step it takes so long until less power shows, in ms. */
  readonly settleMs: number;
  /** Not hot for so long, it gets a step of its power back, in ms. */
  readonly coolForMs: number;
};

export const heatLimits: HeatLimits = { stepDb: 3, backOffMaxDb: 12, settleMs: 10_000, coolForMs: 60_000 };

/** How much less power a module gets than it should, since when, and when it last said that it is hot. Times are ms. */
export type Heat = { readonly backOffDb: number; readonly sinceMs: number; readonly hotAtMs: number };

export const coolHeat: Heat = {
  backOffDb: 0,
  sinceMs: Number.NEGATIVE_INFINITY,
  hotAtMs: Number.NEGATIVE_INFINITY,
};

/** The module says how it is, about once a second. Hot, it gets less power by a step at a time; cool for long enough, it gets some back. */
export const heard = (heat: Heat, isHot: boolean, atMs: number, limits: HeatLimits): Heat => {
  const { stepDb, backOffMaxDb, settleMs, coolForMs } = limits;
  if (isHot) {
    const isSettled = atMs - heat.sinceMs >= settleMs;
    if (!isSettled || heat.backOffDb >= backOffMaxDb) return { ...heat, hotAtMs: atMs };
    return { backOffDb: Math.min(backOffMaxDb, heat.backOffDb + stepDb), sinceMs: atMs, hotAtMs: atMs };
  }
  if (heat.backOffDb === 0 || atMs - Math.max(heat.hotAtMs, heat.sinceMs) < coolForMs) return heat;
  return { ...heat, backOffDb: Math.max(0, heat.backOffDb - stepDb), sinceMs: atMs };
};
