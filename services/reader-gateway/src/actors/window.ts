import type { AtStation } from "@tagwire/messages";
import type { TagRead } from "../drivers/driver.ts";
import type { StrayReason } from "./antenna-ledger.ts";
import type { Binding } from "./binding.ts";
import { hearPassing, newPassage, type Passage } from "./passage.ts";
import { newProof, type Proof } from "./proof.ts";

/** What an observation says before it has an identity. Times are Unix ms. */
export type Sighting = {
  /** What tells the tag from others. */
  readonly name: string;
  readonly tag: string;
  /** The number of the tag's chip, where the reader told it. */
  readonly tid: string | null;
  /** Whether the tag says that it is of ISO, and not of GS1. */
  readonly isIso: boolean;
  readonly place: string | null;
  /** Where it was heard best. */
  readonly antenna: number;
  readonly reads: number;
  /** The reads of each antenna that heard it there. */
  readonly readsBy: ReadonlyMap<number, number>;
  readonly peakRssiDbm: number | null;
  readonly firstHeardAtMs: number;
  readonly lastHeardAtMs: number;
  readonly station: AtStation | null;
  /** Why the reads say nothing of where the tag is; null when they do. */
  readonly stray: StrayReason | null;
};

/** What is held of one tag at one place, until it is said. */
export type Window = {
  readonly key: string;
  /** What tells the tag from others: see {@link TagIdentity}. */
  readonly name: string;
  readonly tag: string;
  readonly proof: Proof;
  binding: Binding;
  /** Where the tag is heard; of a portal it is known, or not, when the tag has passed. */
  place: string | null;
  /** There from the first read at a portal until the tag has passed. */
  passage: Passage | null;
  tid: string | null;
  isIso: boolean;
  antenna: number;
  held: number;
  heldBy: Map<number, number>;
  peakRssiDbm: number | null;
  firstHeardAtMs: number;
  lastHeardAtMs: number;
  /** When a read of it came last, and when the reader heard it last. */
  lastReadMs: number;
  lastHeardMs: number;
};

/** Antennas with one place are one window, unless one of them is at another station. */
export const windowKey = (name: string, { place, station, portal }: Binding, antenna: number): string => {
  if (portal !== null) return `${name}|${station?.id ?? ""}`;
  return place === null ? `${name}#${antenna}` : `${name}@${place}/${station?.id ?? ""}`;
};

export const newWindow = (
  { key, name, tag }: Pick<Window, "key" | "name" | "tag">,
  binding: Binding,
  { nowMs, heardMs }: { readonly nowMs: number; readonly heardMs: number },
): Window => ({
  key,
  name,
  tag,
  proof: newProof(),
  binding,
  place: binding.portal === null ? binding.place : null,
  passage: binding.portal === null ? null : newPassage(heardMs),
  tid: null,
  isIso: false,
  antenna: 0,
  held: 0,
  heldBy: new Map(),
  peakRssiDbm: null,
  firstHeardAtMs: 0,
  lastHeardAtMs: 0,
  lastReadMs: nowMs,
  lastHeardMs: heardMs,
});

/** How many reads a row stands for: at least the one that made it a row. */
export const countOf = (read: TagRead): number =>
  Number.isSafeInteger(read.count) && read.count > 1 ? read.count : 1;

const isStronger = (read: TagRead, window: Window): boolean => {
  const heard = read.rssiDbm ?? Number.NEGATIVE_INFINITY;
  const peak = window.peakRssiDbm ?? Number.NEGATIVE_INFINITY;
  // Of equally strong antennas the lowest port is named, so that the order of reads within a frame means nothing.
  return heard > peak || (heard === peak && read.antenna < window.antenna);
};

/** Adds a read to what a window holds; `side` is the side of its portal that the antenna looks at, `heardMs` when the reader heard it. */
export const holdRead = (
  window: Window,
  read: TagRead,
  { side, identity }: Binding,
  heardMs: number,
): void => {
  const count = countOf(read);
  if (window.held === 0 || isStronger(read, window)) {
    window.antenna = read.antenna;
    window.peakRssiDbm = read.rssiDbm;
  }
  const isFirst = window.held === 0;
  window.firstHeardAtMs = isFirst ? read.heardAtMs : Math.min(window.firstHeardAtMs, read.heardAtMs);
  window.lastHeardAtMs = isFirst ? read.heardAtMs : Math.max(window.lastHeardAtMs, read.heardAtMs);
  window.lastHeardMs = Math.max(window.lastHeardMs, heardMs);
  window.held += count;
  window.heldBy.set(read.antenna, (window.heldBy.get(read.antenna) ?? 0) + count);
  window.tid ??= read.tid ?? null;
  // The number of a chip is no EPC whatever the word before the EPC says.
  if (read.isIso === true && identity !== "tid") window.isIso = true;
  if (window.passage !== null)
    hearPassing(window.passage, { atMs: read.heardAtMs, side, rssiDbm: read.rssiDbm, count }, heardMs);
};

/** Takes out what a window holds, as it is said. */
export const sayHeld = (window: Window, stray: StrayReason | null): Sighting => {
  const { name, tag, tid, isIso, place, antenna, held: reads, heldBy: readsBy, peakRssiDbm } = window;
  const { firstHeardAtMs, lastHeardAtMs } = window;
  const { station } = window.binding;
  window.held = 0;
  window.heldBy = new Map();
  return {
    ...{ name, tag, tid, isIso, place, antenna, reads, readsBy, peakRssiDbm },
    ...{ firstHeardAtMs, lastHeardAtMs, station, stray },
  };
};
