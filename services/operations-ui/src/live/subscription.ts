import type { Link, Proof } from "./freshness.ts";
import { age, nothingHeld, type Received, receive } from "./held-rows.ts";
import { ackAgoMsMax, type DeltaFrame, type LiveRow, type SnapFrame, type Watched } from "./protocol.ts";

export type ViewFault = { readonly code: string; readonly message: string };

/**
 * A view as a screen sees it. The object is new whenever anything in it changed; `rows` is the same map, newest change
 * last, and must not be written.
 */
export type ViewSnapshot = Proof & {
  readonly rows: ReadonlyMap<string, LiveRow>;
  readonly revision: number;
  readonly snapshots: number;
  readonly epoch: number;
  readonly pos: number;
  /** When the newest change was said, on the server's clock. */
  readonly changedAt: string | undefined;
  readonly fault: ViewFault | undefined;
};

/** One view over the socket: its rows, its position, and who listens. */
export type Subscription = ReturnType<typeof createSubscription>;

type Lifecycle = { onFirst(): void; onNone(): void };

export const createSubscription = (watched: Watched, lifecycle: Lifecycle) => {
  const held = nothingHeld();
  const listeners = new Set<() => void>();
  let wireId: string | undefined;
  let following = false;
  let provenAtMs = 0;
  let changedAt: string | undefined;
  let fault: ViewFault | undefined;
  let failures = 0;
  let gaps = 0;
  let ackedPos = -1;
  let takenAtMs = 0;
  let dirty = false;
  let behindSinceMs: number | undefined;
  let cancelPending: (() => void) | undefined;
  const render = (revision: number): ViewSnapshot => ({
    rows: held.rows,
    revision,
    snapshots: held.snapshots,
    epoch: held.epoch,
    pos: held.pos,
    whole: held.snapshots > 0,
    following,
    provenAtMs,
    behindSinceMs,
    changedAt,
    fault,
  });
  let snapshot = render(0);

  return {
    watched,
    get wireId() {
      return wireId;
    },
    get failures() {
      return failures;
    },
    get gaps() {
      return gaps;
    },
    isWatched: () => listeners.size > 0,
    subscribe: (listener: () => void): (() => void) => {
      listeners.add(listener);
      if (listeners.size === 1) lifecycle.onFirst();
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) lifecycle.onNone();
      };
    },
    get: (): ViewSnapshot => snapshot,

    /** A new subscription on the wire begins. Answers what to resume from, when there is something. */
    begin: (id: string): { from?: string; generation?: string } => {
      wireId = id;
      ackedPos = -1;
      held.filling = undefined;
      held.early = [];
      following = held.whole;
      if (!held.whole) return {};
      const { epoch, pos, generation } = held;
      return { from: `${epoch}:${pos}`, ...(generation === undefined ? {} : { generation }) };
    },
    take: (frame: SnapFrame | DeltaFrame, nowMs: number): Received => {
      const received = receive(held, frame, watched.view);
      if (received === "gap") {
        gaps += 1;
        return received;
      }
      if (frame.op === "delta") changedAt = frame.at;
      takenAtMs = frame.op === "delta" ? nowMs : 0;
      if (held.whole) {
        following = true;
        gaps = 0;
        failures = 0;
        fault = undefined;
      }
      dirty ||= received === "changed";
      return received;
    },
    /** Time has passed on the server, by which some rows are others although nothing was said of them. */
    age: (serverNowMs: number): void => {
      if (age(held, serverNowMs)) dirty = true;
    },
    failed: (reason: ViewFault): void => {
      failures += 1;
      fault = reason;
      dirty = true;
    },
    /** Nothing is heard of this view any more; what is held was true until the link last said anything. */
    stopFollowing: (link: Link): void => {
      wireId = undefined;
      if (following) provenAtMs = link.heardAtMs;
      following = false;
      dirty = true;
    },
    setBehind: (sinceMs: number | undefined): void => {
      dirty ||= behindSinceMs !== sinceMs;
      behindSinceMs = sinceMs;
    },
    forgetPosition: (): void => {
      held.whole = false;
    },
    retryLater: (cancel: () => void): void => {
      cancelPending = cancel;
    },
    cancelRetry: (): void => {
      cancelPending?.();
      cancelPending = undefined;
    },
    ack: (nowMs: number): { id: string; pos: number; agoMs?: number } | undefined => {
      if (wireId === undefined || !held.whole || held.pos === ackedPos) return undefined;
      ackedPos = held.pos;
      // Of a clock that was set back, and of a snapshot, which is of no moment, nothing is said.
      const agoMs = Math.round(nowMs - takenAtMs);
      const isKnown = takenAtMs > 0 && agoMs >= 0 && agoMs <= ackAgoMsMax;
      return { id: wireId, pos: held.pos, ...(isKnown ? { agoMs } : {}) };
    },
    /** Tells the listeners, once per painted frame, when anything moved. */
    publish: (link: Link): void => {
      if (following) provenAtMs = link.heardAtMs;
      if (!dirty && snapshot.following === following && snapshot.whole) return;
      dirty = false;
      snapshot = render(snapshot.revision + 1);
      for (const listener of listeners) listener();
    },
  };
};
