import type { Portal, PortalSide } from "@tagwire/messages";

/**
 * A tag at a portal, from its first read until it falls silent: which way did it pass?
 *
 *   antennas   the mean instant of the reads of one side is clearly later than that of the other: there it is now
 *   triggers   of two light barriers, that which was broken last is on the side where it is now
 *   trend      it got clearly louder at an antenna: it came to the antenna's side; fainter: it left it
 *
 * Whoever turns round at the gate, or stands in it, gives no clear answer, and none is given.
 */
export type Passage = {
  readonly sinceMs: number;
  /** When the reader heard the tag last, by the clock that only moves forward: reads of a batch come seconds after they were heard. */
  lastMs: number;
  readonly heard: Heard[];
};

/** `atMs` is Unix ms, as the reader heard it: reads of one frame may be seconds apart. */
export type Heard = {
  readonly atMs: number;
  readonly side: PortalSide | null;
  readonly rssiDbm: number | null;
  readonly count: number;
};

/** An input of a reader that was switched on. */
export type Trigger = { readonly port: number; readonly atMs: number };

/** How long a tag is silent before it has passed, in ms. */
export const passageQuietMs = 1_500;
/** A tag that is read for longer stands there: it is told as evidence, and begins anew. */
export const passageMsMax = 60_000;
/** Reads that are remembered of one passage; beyond that every other one is forgotten. */
const heardMax = 256;
/** By how much one side has to be heard later than the other: so many ms, and such a share of the passage. */
const laterMsMin = 100;
const laterShareMin = 0.15;
/** What a trend takes: so many reads, over so many ms, and such a change from the first to the last, in dB. */
const trendReadsMin = 4;
const trendMsMin = 200;
const trendDbMin = 6;
/** How long before the first read and after the last one a light barrier may have been broken by the same tag, in ms. */
const triggerSlackMs = 3_000;

const otherSide: Readonly<Record<PortalSide, PortalSide>> = { inside: "outside", outside: "inside" };

export const newPassage = (heardMs: number): Passage => ({ sinceMs: heardMs, lastMs: heardMs, heard: [] });

export const hearPassing = (passage: Passage, read: Heard, heardMs: number): void => {
  const { heard } = passage;
  passage.lastMs = Math.max(passage.lastMs, heardMs);
  heard.push(read);
  if (heard.length <= heardMax) return;
  const kept = heard.filter((_, index) => index % 2 === 0);
  heard.splice(0, heard.length, ...kept);
};

const meanAtMs = (heard: readonly Heard[], side: PortalSide): number | undefined => {
  const own = heard.filter((one) => one.side === side);
  const count = own.reduce((sum, one) => sum + one.count, 0);
  return count === 0 ? undefined : own.reduce((sum, one) => sum + one.atMs * one.count, 0) / count;
};

const spanOf = (heard: readonly Heard[]) => {
  const instants = heard.map(({ atMs }) => atMs);
  return { firstMs: Math.min(...instants), lastMs: Math.max(...instants) };
};

const byAntennas = (heard: readonly Heard[]): PortalSide | undefined => {
  const inside = meanAtMs(heard, "inside");
  const outside = meanAtMs(heard, "outside");
  if (inside === undefined || outside === undefined) return undefined;
  const { firstMs, lastMs } = spanOf(heard);
  if (Math.abs(inside - outside) < Math.max(laterMsMin, laterShareMin * (lastMs - firstMs))) return undefined;
  return inside > outside ? "inside" : "outside";
};

/** How much louder the tag got from the first read to the last, in dB, by least squares. */
const trendOf = (heard: readonly { readonly atMs: number; readonly rssiDbm: number }[]): number => {
  const { firstMs, lastMs } = spanOf(heard as readonly Heard[]);
  const meanMs = heard.reduce((sum, { atMs }) => sum + atMs, 0) / heard.length;
  const meanDbm = heard.reduce((sum, { rssiDbm }) => sum + rssiDbm, 0) / heard.length;
  const covariance = heard.reduce((sum, { atMs, rssiDbm }) => sum + (atMs - meanMs) * (rssiDbm - meanDbm), 0);
  const variance = heard.reduce((sum, { atMs }) => sum + (atMs - meanMs) ** 2, 0);
  return variance === 0 ? 0 : (covariance / variance) * (lastMs - firstMs);
};

const byTrend = (heard: readonly Heard[]): PortalSide | undefined => {
  const side = heard.find((one) => one.side !== null)?.side;
  if (side === undefined || side === null) return undefined;
  const loud = heard.flatMap((one) =>
    one.side === side && one.rssiDbm !== null ? [{ ...one, rssiDbm: one.rssiDbm }] : [],
  );
  if (loud.length < trendReadsMin) return undefined;
  const { firstMs, lastMs } = spanOf(loud);
  const gainDb = trendOf(loud);
  if (lastMs - firstMs < trendMsMin || Math.abs(gainDb) < trendDbMin) return undefined;
  return gainDb > 0 ? side : otherSide[side];
};

const byTriggers = (
  heard: readonly Heard[],
  { triggers: ports }: Portal,
  triggers: readonly Trigger[],
): PortalSide | undefined => {
  const { firstMs, lastMs } = spanOf(heard);
  // Readers that push tell late, and not always in order.
  const lastOf = (side: PortalSide): number =>
    triggers
      .filter(
        ({ port, atMs }) =>
          port === ports?.[side] && atMs >= firstMs - triggerSlackMs && atMs <= lastMs + triggerSlackMs,
      )
      .reduce((latest, { atMs }) => Math.max(latest, atMs), Number.NEGATIVE_INFINITY);
  const inside = lastOf("inside");
  const outside = lastOf("outside");
  if (!Number.isFinite(inside) || !Number.isFinite(outside) || inside === outside) return undefined;
  return inside > outside ? "inside" : "outside";
};

/** The side where a tag is after its passage, where that is clear. */
export const sideAfter = (
  { heard }: Passage,
  portal: Portal,
  triggers: readonly Trigger[],
): PortalSide | undefined => {
  if (heard.length === 0) return undefined;
  if (portal.by === "triggers") return byTriggers(heard, portal, triggers);
  return portal.by === "trend" ? byTrend(heard) : byAntennas(heard);
};

/** Whether a tag that is silent for so many ms has passed: what may still be told of it, a light barrier that is broken behind it, is waited for. */
export const isOver = (
  passage: Passage,
  { silentMs, portal, triggers }: { silentMs: number; portal: Portal; triggers: readonly Trigger[] },
): boolean =>
  silentMs >= passageQuietMs &&
  (portal.by !== "triggers" ||
    silentMs >= triggerSlackMs ||
    sideAfter(passage, portal, triggers) !== undefined);
