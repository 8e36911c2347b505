import Type, { type Static } from "typebox";
import { Ageing } from "./ageing.ts";
import { FindTag, FoundRead, findTagsMax } from "./find.ts";
import { Instant, SiteId } from "./ids.ts";
import { filterPropertiesOf, type LiveFilter, type LiveView, liveViews } from "./live-views.ts";
import type { Said } from "./said.ts";

export const liveProtocol = "tagwire.live.v1";

const Row = Type.Record(Type.String(), Type.Unknown());
const keyed = { key: Type.String(), version: Type.Integer() };

/**
 * One keyed change. A client applies it only when `version` is greater than the one it holds for that key. What time alone does to a
 * row is no change and has no position: the row says it beforehand ({@link Ageing}), and whoever shows it lets it age ({@link agedRow}).
 */
export const LiveChange = Type.Union([
  Type.Object({ ...keyed, put: Type.Intersect([Ageing, Row]) }),
  Type.Object({ ...keyed, del: Type.Literal(true) }),
]);
export type LiveChange = Said<Static<typeof LiveChange>>;

/** A row of a snapshot; its other members are the view's. */
export const LiveRow = Type.Intersect([Type.Object(keyed), Ageing, Row]);
export type LiveRow = { readonly key: string; readonly version: number } & Readonly<Record<string, unknown>>;

/**
 * Said by the owner of a view on `live.<site>.<view>` after its commit. `prev` is the pos of the message before it for this
 * site and view, so a listener that missed one knows. Core NATS, at most once: who sees a gap asks for a snapshot.
 *
 * `generation` names the build of the rows behind the view. Another name means that they were made anew within the same epoch, so
 * that positions begin again and what was shown before may have been wrong. Names are only ever compared for being equal, and the
 * snapshots of the view carry the same one. Absent where rows are never made anew.
 */
export const LiveDelta = Type.Object({
  site: Type.String(),
  epoch: Type.Integer(),
  generation: Type.Optional(Type.String()),
  prev: Type.Integer(),
  pos: Type.Integer(),
  at: Instant,
  /** Contexts of what made these changes: the manager's own span, whose parent or links are the events'; at most {@link liveTracesMax}. */
  traces: Type.Array(Type.String()),
  changes: Type.Array(LiveChange),
});
export type LiveDelta = Said<Static<typeof LiveDelta>>;
export const liveTracesMax = 64;

export const liveSubject = (site: SiteId, view: LiveView): string => `live.${site}.${view}`;

/* ---- client and gateway over the socket ---- */

/** The client's own name for a subscription; every frame of it carries the name. */
export const SubscriptionId = Type.String({ minLength: 1, maxLength: 64 });
const PositionText = Type.String({ pattern: "^\\d{1,15}:\\d{1,15}$", description: "epoch:pos" });

const subscribeTo = (view: LiveView) =>
  Type.Object(
    {
      op: Type.Literal("sub"),
      id: SubscriptionId,
      site: SiteId,
      view: Type.Literal(view),
      filter: Type.Optional(Type.Object(filterPropertiesOf(view), { additionalProperties: false })),
      from: Type.Optional(PositionText),
      generation: Type.Optional(
        Type.String({ maxLength: 64, description: "of the snapshot that the rows at `from` began with" }),
      ),
    },
    { additionalProperties: false },
  );
type Subscribe = Omit<Static<ReturnType<typeof subscribeTo>>, "view" | "filter"> & {
  view: LiveView;
  filter?: LiveFilter;
};

/** Asks for a view, each with the filter that it has. What is wrong with a request is told best by the schema of its own view. */
export const LiveSubscribe = Object.fromEntries(
  liveViews.map((view) => [view, subscribeTo(view)]),
) as Readonly<Record<LiveView, ReturnType<typeof subscribeTo>>>;

/** The longest that may lie between what a client showed and what it says of it, in ms. */
export const ackAgoMsMax = 600_000;

/** Ends a subscription. */
export const LiveUnsubscribe = Type.Object(
  { op: Type.Literal("unsub"), id: SubscriptionId },
  { additionalProperties: false },
);

/**
 * Says how far a client has got: a position, or only its second half. Without `id` it is about every subscription.
 *
 * `agoMs` is how long ago, by the client's own watch, it showed that position. Whoever says it is counted in the lag from record to
 * screen: so a client may acknowledge as rarely as it likes, and no two clocks are compared.
 */
export const LiveAcknowledge = Type.Object(
  {
    op: Type.Literal("ack"),
    pos: Type.Union([Type.Integer({ minimum: 0 }), PositionText]),
    id: Type.Optional(SubscriptionId),
    agoMs: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: ackAgoMsMax,
        description: "how long ago it was shown; counted in the lag from record to screen",
      }),
    ),
  },
  { additionalProperties: false },
);

/**
 * Looks for tags by how loud they are: `found` frames follow, up to twenty a second, with what the readers of the site hear of them. Said
 * again under the same id, it looks for those instead; `unsub` ends it. What cannot be sent at once is not sent at all.
 */
export const LiveFind = Type.Object(
  {
    op: Type.Literal("find"),
    id: SubscriptionId,
    site: SiteId,
    tags: Type.Array(FindTag, { minItems: 1, maxItems: findTagsMax }),
  },
  { additionalProperties: false },
);

/** Whatever a client may say. */
export const LiveRequest = Type.Union([
  ...Object.values(LiveSubscribe),
  LiveFind,
  LiveUnsubscribe,
  LiveAcknowledge,
] as Type.TSchema[]);
export type LiveRequest =
  | Subscribe
  | Static<typeof LiveFind>
  | Static<typeof LiveUnsubscribe>
  | Static<typeof LiveAcknowledge>;

export const resetReasons = ["epoch", "too_old", "slow", "auth", "gap", "overloaded"] as const;
export type ResetReason = (typeof resetReasons)[number];

/** Whatever the gateway may say, by its `op`. */
export const liveFrames = {
  /** A part of the rows as of one position. */
  snap: Type.Object({
    op: Type.Literal("snap"),
    id: SubscriptionId,
    epoch: Type.Integer(),
    /** See {@link LiveDelta}: who resumes from a later position names it. */
    generation: Type.Optional(Type.String()),
    pos: Type.Integer(),
    part: Type.Integer(),
    last: Type.Boolean(),
    rows: Type.Array(LiveRow),
  }),
  delta: Type.Object({
    op: Type.Literal("delta"),
    id: SubscriptionId,
    epoch: Type.Integer(),
    prev: Type.Integer({ description: "pos of the frame before it of this subscription" }),
    pos: Type.Integer(),
    at: Instant,
    changes: Type.Array(LiveChange),
  }),
  /** How loud what is looked for was since the frame before; without reads, that another number of readers reads now. */
  found: Type.Object({
    op: Type.Literal("found"),
    id: SubscriptionId,
    at: Instant,
    reading: Type.Integer({
      description: "readers of the site that read, as far as is known: with none, nothing is found",
    }),
    reads: Type.Array(FoundRead),
  }),
  /** Every {@link tickIntervalMs}, and at once when something becomes stale or is fresh again. */
  tick: Type.Object({
    op: Type.Literal("tick"),
    now: Instant,
    heads: Type.Record(Type.String(), PositionText, {
      description: "epoch:pos of each site that is followed",
    }),
    stale: Type.Optional(
      Type.Record(Type.String(), Instant, {
        description:
          "the subscriptions, by id, that may lack something of what was committed, and when they were last known not to: their owner is behind, or nobody says how far it ought to be; absent when there are none",
      }),
    ),
  }),
  reset: Type.Object({
    op: Type.Literal("reset"),
    id: SubscriptionId,
    reason: Type.Enum(resetReasons),
    retryMs: Type.Integer(),
  }),
  error: Type.Object({
    op: Type.Literal("error"),
    id: Type.Optional(
      Type.String({
        description:
          "of the request that it answers, where one could be made out; a subscription of that name has ended with it",
      }),
    ),
    code: Type.String(),
    message: Type.String(),
    pointer: Type.Optional(Type.String({ description: "RFC 6901, within the request: where it is wrong" })),
  }),
} as const;
export type LiveFrame = {
  [Op in keyof typeof liveFrames]: Said<Static<(typeof liveFrames)[Op]>>;
}[keyof typeof liveFrames];

export const tickIntervalMs = 10_000;
