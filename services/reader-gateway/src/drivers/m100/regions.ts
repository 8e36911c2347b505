import type { ReaderRegion } from "@tagwire/messages";

/** Numbers of regions. Source: M100 communication user protocol 2.1. */
export const m100Regions: Partial<Record<ReaderRegion, number>> = { cn: 1, us: 2, eu: 3, "cn-840": 4, kr: 6 };
