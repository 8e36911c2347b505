import type { StatusGroup } from "@tagwire/messages";

/** What a thing means, as colour: the status groups lend their tones to outcomes, events and readers. */
export type Tone = StatusGroup;

/** Written out in full, so that the stylesheet's scanner finds every class. */
export const toneText: Record<Tone, string> = {
  ready: "text-ready",
  out: "text-out",
  inService: "text-service",
  missing: "text-missing",
  ended: "text-ended",
};
export const toneWash: Record<Tone, string> = {
  ready: "bg-ready-wash text-ready",
  out: "bg-out-wash text-out",
  inService: "bg-service-wash text-service",
  missing: "bg-missing-wash text-missing",
  ended: "bg-ended-wash text-ended",
};
export const toneFill: Record<Tone, string> = {
  ready: "bg-ready",
  out: "bg-out",
  inService: "bg-service",
  missing: "bg-missing",
  ended: "bg-ended",
};
