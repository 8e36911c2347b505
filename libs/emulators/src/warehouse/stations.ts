import type { Random } from "../random.ts";
import type { SessionMode } from "./acts.ts";

export const devices = ["handheld-1", "handheld-2", "handheld-3", "tablet-1"] as const;
type Device = (typeof devices)[number];

/**
 * Where each device works. Three or four people scan in the real house, and each kind of work has its own place and screen: goods leave by
 * one dock on a contract that the tablet shows, they come back by the other, the service department washes and mends, and whoever counts
 * walks with the long-range handheld, which the guns at the docks, with their 30 cm, cannot stand in for.
 */
const stations: Readonly<Record<SessionMode, Device>> = {
  checkout: "tablet-1",
  return: "handheld-1",
  service: "handheld-2",
  laundry: "handheld-2",
  count: "handheld-3",
};

/** How often somebody takes another device than that of the station. Nobody counted it; no house is without it. */
const lentShare = 0.1;

/** The device that a session is scanned with: one draw, however it falls. */
export const drawDevice = (random: Random, mode: SessionMode): Device => {
  const drawn = random.share();
  const lent = drawn < lentShare ? devices[Math.floor((drawn / lentShare) * devices.length)] : undefined;
  return lent ?? stations[mode];
};
