import Type, { type Static } from "typebox";
import { SiteId } from "./ids.ts";

export const liveProtocol = "tagwire.live.v1";
export const liveViews = ["items", "events", "dashboard", "readers", "alerts"] as const;
export type LiveView = (typeof liveViews)[number];

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

export const ItemFilter = Type.Object(
  {
    status: Type.Optional(Type.String({ maxLength: 200, description: "one status or several with commas" })),
    class: Type.Optional(Type.String({ maxLength: 120 })),
    place: Type.Optional(Type.String({ maxLength: 64 })),
    tag: Type.Optional(Type.String({ maxLength: 64 })),
    q: Type.Optional(Type.String({ maxLength: 100 })),
  },
  { additionalProperties: false },
);
export type ItemFilter = Static<typeof ItemFilter>;

export const LiveRequest = Type.Union([
  Type.Object(
    {
      op: Type.Literal("sub"),
      id: Type.String({ minLength: 1, maxLength: 64 }),
      site: SiteId,
      view: Type.Enum(liveViews),
      filter: Type.Optional(ItemFilter),
      from: Type.Optional(Type.String({ pattern: "^\\d{1,15}:\\d{1,15}$" })),
      generation: Type.Optional(
        Type.String({ maxLength: 64, description: "of the snapshot that the rows at `from` began with" }),
      ),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    { op: Type.Literal("unsub"), id: Type.String({ minLength: 1, maxLength: 64 }) },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      op: Type.Literal("ack"),
      pos: Type.Integer({ minimum: 0 }),
      id: Type.Optional(Type.String({ maxLength: 64 })),
    },
    { additionalProperties: false },
  ),
]);
export type LiveRequest = Static<typeof LiveRequest>;

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
  | { readonly op: "tick"; readonly now: string; readonly heads: Readonly<Record<string, string>> }
  | { readonly op: "reset"; readonly id: string; readonly reason: ResetReason; readonly retryMs: number }
  | { readonly op: "error"; readonly id?: string; readonly code: string; readonly message: string };

export type ResetReason = "epoch" | "too_old" | "slow" | "auth" | "gap" | "overloaded";
export const tickIntervalMs = 10_000;
