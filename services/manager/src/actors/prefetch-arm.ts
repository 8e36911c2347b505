import { createHash } from "node:crypto";
import type { Day, PrefetchArm } from "@tagwire/messages";

/** One device-day in so many gets only what the device scanned itself. */
const recentsEvery = 10;

/**
 * Which arm a device is in on a day: always the same, and nobody chooses. Days of one device differ, so that a busy device is not
 * in one arm for ever.
 */
export const armOf = (site: string, device: string, day: Day): PrefetchArm => {
  const digest = createHash("sha256").update([site, device, day].join("\n")).digest();
  return digest.readUInt32BE(0) % recentsEvery === 0 ? "recents" : "predicted";
};
