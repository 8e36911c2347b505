import { type ItemChange, type LoggedEvent, type PrefetchSource, prefetchUseHours } from "@tagwire/messages";
import { type Deed, deedOf } from "./prefetch-deed.ts";

/** What a device held of an item when it was scanned. */
export type HeldItem = {
  readonly status: string;
  readonly contract: string | null;
  readonly sources: readonly PrefetchSource[];
  readonly handedAtMs: number;
};

/** A scan of a known item by a device: what its screen would have looked up. */
export type Lookup = {
  readonly device: string;
  readonly tag: string;
  /** By the device's clock, but never after it reached us. */
  readonly atMs: number;
  readonly isOffline: boolean;
  /** Undefined for a scan that contracts do not foretell. */
  readonly deed: Deed | undefined;
  readonly was: { readonly status: string; readonly contract: string | null } | undefined;
};

/** A scan that took longer than this to reach us was made without the network, in ms. */
const onlineMsMax = 60_000;

/** Undefined for whatever is no scan of a known item by a device, and for one that was decided long after it was made. */
export const lookupOf = (event: LoggedEvent): Lookup | undefined => {
  const { tag, scannedAt, by } = event;
  if (!event.type.startsWith("item.") || tag === undefined || scannedAt === undefined) return undefined;
  if (by.device === undefined) return undefined;
  const { was, scan, flags = [] } = event.data as Partial<ItemChange>;
  if (scan === undefined || flags.includes("from_quarantine")) return undefined;
  const receivedMs = Date.parse(event.receivedAt);
  const atMs = Math.min(Date.parse(scannedAt), receivedMs);
  return {
    device: by.device,
    tag,
    atMs,
    isOffline: receivedMs - atMs > onlineMsMax,
    deed: deedOf(event.type),
    was: was === undefined ? undefined : { status: was.status, contract: was.contract },
  };
};

export type Looked = {
  readonly isHit: boolean;
  readonly isStale: boolean;
  /** Whether the item was of use to the device in the time for which it was handed over. */
  readonly isUse: boolean;
};

/** What the device could show of the item: nothing, what was so, or what was so no longer. */
export const look = ({ atMs, was }: Lookup, held: HeldItem | undefined): Looked => {
  if (held === undefined || held.handedAtMs > atMs) return { isHit: false, isStale: false, isUse: false };
  const isStale = was !== undefined && (was.status !== held.status || was.contract !== held.contract);
  return { isHit: true, isStale, isUse: atMs - held.handedAtMs <= prefetchUseHours * 3_600_000 };
};

/** Under which source a scan is told where it can be only one: recents where they knew the item, since guesses are measured by what they add. */
export const sourceOfHit = (sources: readonly PrefetchSource[]): PrefetchSource | undefined =>
  sources.includes("recent") ? "recent" : sources[0];
