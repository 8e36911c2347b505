import Type, { type Static, type TSchema } from "typebox";
import { Instant, partitionOf, type SiteId } from "./ids.ts";
import { By } from "./items.ts";

/**
 * The envelope of everything that happened, the same in the feed, on the bus, live and in webhooks.
 *
 * `(site, epoch, pos)` is its identity; `pos` is dense from 1 within an epoch. `hash` covers every other member including
 * `prevHash`, so the log of a site is one chain. `traceparent` is the trace of the antenna or tap that caused it.
 */
export const LoggedEvent = Type.Object({
  epoch: Type.Integer(),
  pos: Type.Integer(),
  id: Type.String(),
  type: Type.String(),
  site: Type.String(),
  tag: Type.Optional(Type.String()),
  contract: Type.Optional(Type.String()),
  session: Type.Optional(Type.String()),
  scanId: Type.Optional(Type.String()),
  scannedAt: Type.Optional(Instant),
  receivedAt: Instant,
  recordedAt: Instant,
  by: By,
  traceId: Type.String(),
  traceparent: Type.String(),
  data: Type.Record(Type.String(), Type.Unknown()),
  prevHash: Type.String(),
  hash: Type.String(),
});
export type LoggedEvent = Static<typeof LoggedEvent>;

export type Entity =
  | "site"
  | "item"
  | "scan"
  | "photo"
  | "contract"
  | "lot"
  | "session"
  | "class"
  | "reader"
  | "station"
  | "zone"
  | "audit";

/** What one kind of event is called, what it is about, and the shape of its `data`. */
export type EventDeclaration<
  T extends TSchema = TSchema,
  N extends `${Entity}.${string}.v${number}` = `${Entity}.${string}.v${number}`,
> = {
  readonly type: N;
  readonly entity: Entity;
  readonly body: T;
};

/** Declares an event. The type's first word is its entity, its last the version; contracts only grow. */
export const event = <const T extends TSchema, const N extends EventDeclaration["type"]>(
  declaration: EventDeclaration<T, N>,
): EventDeclaration<T, N> => declaration;

/** `item.returned.v1` is said on `events.<partition>.<site>.item.returned`. */
/** The subjects of all events of a site. */
export const siteEventsSubject = (site: SiteId): string => `events.${partitionOf(site)}.${site}.>`;

export const eventSubject = (site: SiteId, type: string): string =>
  `events.${partitionOf(site)}.${site}.${type.replace(/\.v\d+$/, "")}`;

/** The identity under which JetStream drops repeats. */
export const eventMessageId = ({ site, epoch, pos }: Pick<LoggedEvent, "site" | "epoch" | "pos">): string =>
  `${site}:${epoch}:${pos}`;
