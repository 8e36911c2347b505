import type { FoundRead } from "@tagwire/messages";

/** What a passive tag sounds like across a hall, and beside the antenna, in dBm. Readers differ; the way from one to the other does not. */
export const farDbm = -75;
export const nearDbm = -35;
/** A tag that was not heard for so long is not here any more, in ms. */
export const heardForMs = 2_000;
/** How much a new read counts against what was heard before: reads of one tag jump by several dB. */
const newWeight = 0.4;

/** How one tag is heard: at the antenna where it was loudest last. */
export type Heard = {
  readonly rssiDbm: number | null;
  readonly reader: string;
  readonly antenna: number;
  readonly atMs: number;
};

const loudest = (reads: readonly FoundRead[]): FoundRead | undefined =>
  reads.toSorted(
    (one, other) => (other.rssiDbm ?? Number.NEGATIVE_INFINITY) - (one.rssiDbm ?? Number.NEGATIVE_INFINITY),
  )[0];

/** What is heard after some more reads. At another antenna, or after a silence, what was before says nothing. */
export const hearMore = (
  before: ReadonlyMap<string, Heard>,
  reads: readonly FoundRead[],
  nowMs: number,
): ReadonlyMap<string, Heard> => {
  const next = new Map(before);
  for (const [tag, of] of Map.groupBy(reads, (read) => read.tag)) {
    const read = loudest(of);
    if (read === undefined) continue;
    const { reader, antenna, rssiDbm } = read;
    const was = before.get(tag);
    const goesOn =
      was !== undefined &&
      was.reader === reader &&
      was.antenna === antenna &&
      nowMs - was.atMs < heardForMs &&
      was.rssiDbm !== null &&
      rssiDbm !== null;
    const smooth = goesOn ? was.rssiDbm + newWeight * (rssiDbm - was.rssiDbm) : rssiDbm;
    next.set(tag, { rssiDbm: smooth, reader, antenna, atMs: nowMs });
  }
  return next;
};

/** From 0, not heard or far, to 1, beside the antenna. A reader that tells no strength says only that it is somewhere near. */
export const nearnessOf = (heard: Heard | undefined, nowMs: number): number => {
  if (heard === undefined || nowMs - heard.atMs >= heardForMs) return 0;
  if (heard.rssiDbm === null) return 0.5;
  const share = (heard.rssiDbm - farDbm) / (nearDbm - farDbm);
  return Math.min(1, Math.max(0.02, share));
};

export type Band = "silent" | "far" | "near" | "very_near";

export const bandOf = (nearness: number): Band => {
  if (nearness === 0) return "silent";
  if (nearness < 0.4) return "far";
  return nearness < 0.75 ? "near" : "very_near";
};

export const bandWords: Record<Band, string> = {
  silent: "Not heard",
  far: "Far away",
  near: "Near",
  very_near: "Very near",
};

/** How often it ticks, in ms: faster the nearer, and silent when nothing is heard. */
export const tickEveryMs = (nearness: number): number | undefined =>
  nearness === 0 ? undefined : Math.round(1_000 - 900 * nearness);
