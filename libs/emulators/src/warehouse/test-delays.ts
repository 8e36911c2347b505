import { expect } from "vitest";

/** Which share of real rows took longer to come than so many seconds. */
const measured: readonly (readonly [number, number])[] = [
  [111, 0.5],
  [443, 0.25],
  [600, 0.217],
  [2_400, 0.1],
  [3_600, 0.085],
  [5_460, 0.05],
  [86_400, 0.022],
];

/** Holds delays, in seconds, against what was measured: as many are longer, but for so large a part of as many. */
export const expectMeasuredDelays = (delays: readonly number[], tolerance: number): void => {
  for (const [seconds, share] of measured) {
    const longer = delays.filter((delay) => delay > seconds).length / delays.length;
    expect(longer, `longer than ${seconds} s`).toBeGreaterThan(share * (1 - tolerance));
    expect(longer, `longer than ${seconds} s`).toBeLessThan(share * (1 + tolerance));
  }
};
