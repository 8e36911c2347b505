import Type, { type Static } from "typebox";
import { SiteId } from "./ids.ts";
import { filterPropertiesOf, type LiveFilter, type LiveView, liveViews } from "./live-views.ts";

export const liveProtocol = "tagwire.live.v1";

/** One keyed change. A client applies it only when `version` is greater than the one it holds for that key. */
export type LiveChange =
  | { readonly key: string; readonly version: number; readonly put: Readonly<Record<string, unknown>> }
  | { readonly key: string; readonly version: number; readonly del: true };

export type LiveRow = { readonly key: string; readonly version: number } & Readonly<Record<string, unknown>>;

/**
 * Said by the owner of a view on `live.<site>.<view>` after its commit. `prev` is the pos of the message before it for this
 * site and view, so a listener that missed one knows. Core NATS, at most once: who sees a gap asks for a snapshot.
 */
export type LiveDelta = {
  readonly site: string;
  readonly epoch: number;
  /**
   * Names the build of the rows behind the view. Another name means that they were made anew within the same epoch, so that
   * positions begin again and what was shown before may have been wrong. Names are only ever compared for being equal, and the
   * snapshots of the view carry the same one. Absent where rows are never made anew.
   */
  readonly generation?: string;
  readonly prev: number;
  readonly pos: number;
  readonly at: string;
  /** Contexts of what made these changes: the manager's own span, whose parent or links are the events'; at most {@link liveTracesMax}. */
  readonly traces: readonly string[];
  readonly changes: readonly LiveChange[];
};
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

/** Ends a subscription. */
export const LiveUnsubscribe = Type.Object(
  { op: Type.Literal("unsub"), id: SubscriptionId },
  { additionalProperties: false },
);

/** Says how far a client has got: a position, or only its second half. Without `id` it is about every subscription. */
export const LiveAcknowledge = Type.Object(
  {
    op: Type.Literal("ack"),
    pos: Type.Union([Type.Integer({ minimum: 0 }), PositionText]),
    id: Type.Optional(SubscriptionId),
  },
  { additionalProperties: false },
);

/** Whatever a client may say. */
export const LiveRequest = Type.Union([
  ...Object.values(LiveSubscribe),
  LiveUnsubscribe,
  LiveAcknowledge,
] as Type.TSchema[]);
export type LiveRequest = Subscribe | Static<typeof LiveUnsubscribe> | Static<typeof LiveAcknowledge>;

export type LiveFrame =
  | {
      readonly op: "snap";
      readonly id: string;
      readonly epoch: number;
      /** See {@link LiveDelta}: who resumes from a later position names it. */
      readonly generation?: string;
      readonly pos: number;
      readonly part: number;
      readonly last: boolean;
      readonly rows: readonly LiveRow[];
    }
  | {
      readonly op: "delta";
      readonly id: string;
      readonly epoch: number;
      readonly prev: number;
      readonly pos: number;
      readonly at: string;
      readonly changes: readonly LiveChange[];
    }
  | {
      /** Every {@link tickIntervalMs}, and at once when something becomes stale or is fresh again. */
      readonly op: "tick";
      readonly now: string;
      readonly heads: Readonly<Record<string, string>>;
      /**
       * The subscriptions, by id, that may lack something of what was committed, and when they were last known not to: their owner is
       * behind, or nobody says how far it ought to be. Absent when there are none.
       */
      readonly stale?: Readonly<Record<string, string>>;
    }
  | { readonly op: "reset"; readonly id: string; readonly reason: ResetReason; readonly retryMs: number }
  | {
      readonly op: "error";
      /** Of the request that it answers, where one could be made out. A subscription of that name has ended with it. */
      readonly id?: string;
      readonly code: string;
      readonly message: string;
      /** RFC 6901, within the request: where it is wrong. */
      readonly pointer?: string;
    };

export type ResetReason = "epoch" | "too_old" | "slow" | "auth" | "gap" | "overloaded";
export const tickIntervalMs = 10_000;
