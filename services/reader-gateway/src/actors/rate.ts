/** Reads per second over the last ten seconds, in one-second slots. Time is an argument, in ms. */
export type Rate = { readonly counts: number[]; readonly seconds: number[] };

const slots = 10;
const slotMs = 1_000;

export const newRate = (): Rate => ({
  counts: new Array<number>(slots).fill(0),
  seconds: new Array<number>(slots).fill(-slots),
});

export const addToRate = (rate: Rate, count: number, nowMs: number): void => {
  const second = Math.floor(nowMs / slotMs);
  const slot = second % slots;
  rate.counts[slot] = rate.seconds[slot] === second ? (rate.counts[slot] ?? 0) + count : count;
  rate.seconds[slot] = second;
};

export const ratePerSecond = (rate: Rate, nowMs: number): number => {
  const oldest = Math.floor(nowMs / slotMs) - slots + 1;
  let sum = 0;
  for (const [slot, second] of rate.seconds.entries()) if (second >= oldest) sum += rate.counts[slot] ?? 0;
  return sum / slots;
};
