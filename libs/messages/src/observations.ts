import Type, { type Static } from "typebox";
import { ClientId, Instant, partitionOf, type ReaderId, type SiteId, storableText } from "./ids.ts";
import { type Outcome, outcomes } from "./scans.ts";
import { AtStation } from "./stations.ts";

/**
 * Why reads are evidence and no more: too weak, too few to mean anything, of a tag that is at another place, or of one that was at a
 * portal and did not clearly pass it.
 */
export const strayReasons = ["weak", "few", "elsewhere", "undecided"] as const;

/**
 * One tag at one place, smoothed from `reads` raw reads. `id` is the identity of the scan it becomes in operations: of the session that
 * went on at `station` when it was last heard, else a touch. A stray is never more than a sighting.
 *
 * The reader-gateway says it at least once, until operations has said that it took it.
 */
export const Observation = Type.Object({
  id: ClientId,
  tag: Type.String(),
  place: Type.Union([Type.String({ pattern: storableText }), Type.Null()]),
  antenna: Type.Integer(),
  reads: Type.Integer({ minimum: 1 }),
  peakRssiDbm: Type.Union([Type.Number(), Type.Null()]),
  firstHeardAt: Instant,
  lastHeardAt: Instant,
  traceparent: Type.String(),
  stray: Type.Optional(
    Type.Enum(strayReasons, { description: "the tag was heard there, and is not taken to be there" }),
  ),
  station: Type.Optional(AtStation),
  tid: Type.Optional(Type.String({ description: "the number of the tag's chip, in upper-case hex" })),
  isIso: Type.Optional(
    Type.Literal(true, {
      description:
        "the tag itself says that an ISO application family, not GS1, defines what it holds, so it is nobody's EPC; told where a reader tells the tag's protocol control word",
    }),
  ),
});
export type Observation = Static<typeof Observation>;

export const observationsPerMessageMax = 500;

export const ObservationBatch = Type.Object({
  observations: Type.Array(Observation, { minItems: 1, maxItems: observationsPerMessageMax }),
});
export type ObservationBatch = Static<typeof ObservationBatch>;

export const observationSubject = (site: SiteId, reader: ReaderId): string =>
  `observations.${partitionOf(site)}.${site}.${reader}`;

/** operations says, after the commit, which observations it has taken and how each was decided. Core NATS: if lost, it is said again on the next repeat. */
export const Taken = Type.Object({
  taken: Type.Array(Type.Object({ id: Type.String(), outcome: Type.Enum(outcomes) })),
});
export type Taken = { readonly taken: readonly { readonly id: string; readonly outcome: Outcome }[] };

export const takenSubject = (site: SiteId, reader: ReaderId): string => `taken.${site}.${reader}`;
