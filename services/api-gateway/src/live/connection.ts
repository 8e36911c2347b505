import type { LiveFrame, ResetReason } from "@tagwire/messages";
import type { Hub } from "./hub.ts";
import { openTurns } from "./turns.ts";

/** Above this many unsent bytes changes are put together instead of sent. */
export const softBytesMax = 256 * 1024;
/** Above this many unsent bytes no part of a snapshot is sent: it can wait, and one that waits here costs nothing. */
export const snapshotRoomBytes = 64 * 1024;
/** Above this many bytes held back besides, the slow reader has to start again. */
export const hardBytesMax = 1024 * 1024;
/** Frames that a client, which acknowledges at all, may leave unacknowledged. */
export const unackedFramesMax = 5_000;
/** Views that one connection may follow at once. */
export const subscriptionsMax = 32;
/** How often we look whether a slow connection has room again, in ms. */
const roomIntervalMs = 50;
/** The longest that we wait for room while nothing at all is taken, in ms. */
const roomWaitMsMax = 60_000;

type Place = { readonly epoch: number; readonly pos: number };

/** How a subscription ended: whether its position is of no use any more, and when to come back, in ms. */
export type Ending = { readonly forgets: boolean; readonly retryMs: number };

/** The way to one client, whatever it is made of. */
export type Wire = {
  /** `position` is where the client stands once it has this. */
  readonly send: (frame: Buffer, position: Place | undefined) => void;
  /** Sends what ends a subscription. */
  readonly sendEnding: (frame: Buffer, ending: Ending) => void;
  /** Bytes handed over that the network has not taken yet. */
  readonly bufferedBytes: () => number;
};

export type Connection = {
  readonly send: (frame: LiveFrame) => void;
  /** Sends a frame that is made already, and may be shared with others. */
  readonly sendFrame: (op: LiveFrame["op"], frame: Buffer, position: Place | undefined) => void;
  readonly hasRoom: () => boolean;
  /** Whether too much is held back, put together as it is. */
  readonly isOverfull: () => boolean;
  /** Calls back once there is room. Whoever has nothing to send any more does nothing then. */
  readonly whenRoom: (send: () => void) => void;
  /** False when no room came in time, when too much is kept for all readers, or when the connection ended. */
  readonly waitForRoom: (bytes?: number) => Promise<boolean>;
  /** Does one thing at a time for this client, so that it has at most one page of rows in memory. */
  readonly alone: <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>;
  /** Counts bytes that are held back; negative when they leave. */
  readonly keep: (bytes: number) => void;
  /** Counts bytes of a snapshot that wait for room; negative when they leave. */
  readonly carry: (bytes: number) => void;
  /** Bytes that the network has taken so far. */
  readonly takenBytes: () => number;
  /** Whether anything waits for the network. */
  readonly hasBacklog: () => boolean;
  readonly reset: (id: string, reason: ResetReason) => void;
  /** Ends a subscription that cannot be had as it was asked for. */
  readonly refuse: (id: string, refusal: { code: string; message: string }) => void;
  readonly close: () => void;
};

/** Least and most that a client waits after a reset, in ms: spread, so that not all come back in one instant. */
const retryMs: Readonly<Record<ResetReason, readonly [number, number]>> = {
  epoch: [0, 500],
  too_old: [0, 500],
  gap: [500, 2_000],
  slow: [1_000, 5_000],
  overloaded: [2_000, 10_000],
  auth: [0, 0],
};
/** Who was refused for good comes back no sooner than this by itself, in ms. */
const refusedRetryMs = 30_000;

/** Counts what is on its way to a client and holds back what would be too much. */
export const openConnection = (
  wire: Wire,
  { metrics, budget }: Pick<Hub, "metrics" | "budget">,
): Connection => {
  const waiting: (() => void)[] = [];
  const share = budget.join();
  const turns = openTurns({ runningMax: 1, waitingMax: subscriptionsMax });
  let keptBytes = 0;
  let sentBytes = 0;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const hasRoom = (bytes = softBytesMax) => wire.bufferedBytes() <= bytes;
  const takenBytes = () => sentBytes - wire.bufferedBytes();
  const look = () => {
    timer = undefined;
    while (!closed && waiting.length > 0 && hasRoom()) waiting.shift()?.();
    arm();
  };
  const arm = () => {
    if (!closed && waiting.length > 0) timer ??= setTimeout(look, roomIntervalMs);
  };
  const count = (op: LiveFrame["op"], frame: Buffer): Buffer => {
    metrics.frames(op);
    sentBytes += frame.length;
    return frame;
  };
  const bytesOf = (frame: LiveFrame): Buffer => count(frame.op, Buffer.from(JSON.stringify(frame)));
  const end = (frame: LiveFrame, ending: Ending) => {
    if (!closed) wire.sendEnding(bytesOf(frame), ending);
  };

  return {
    send: (frame) => {
      if (!closed) wire.send(bytesOf(frame), undefined);
    },
    sendFrame: (op, frame, position) => {
      if (!closed) wire.send(count(op, frame), position);
    },
    hasRoom: () => hasRoom(),
    isOverfull: () => keptBytes > hardBytesMax || share.isTooMuch(),
    whenRoom: (send) => {
      waiting.push(send);
      arm();
    },
    waitForRoom: async (bytes) => {
      let movedAtMs = performance.now();
      let taken = takenBytes();
      while (!closed && !hasRoom(bytes)) {
        if (takenBytes() > taken) movedAtMs = performance.now();
        taken = takenBytes();
        if (share.isTooMuch() || performance.now() - movedAtMs > roomWaitMsMax) return false;
        await new Promise((resolve) => setTimeout(resolve, roomIntervalMs));
      }
      return !closed;
    },
    alone: async (signal, work) => {
      const leave = await turns.enter(signal);
      try {
        return await work();
      } finally {
        leave();
      }
    },
    keep: (bytes) => {
      keptBytes += bytes;
      share.change(bytes);
    },
    carry: share.change,
    takenBytes,
    hasBacklog: () => wire.bufferedBytes() > 0,
    reset: (id, reason) => {
      const [least, most] = retryMs[reason];
      const waitMs = Math.round(least + Math.random() * (most - least));
      metrics.resets(reason);
      const forgets = reason === "epoch" || reason === "too_old";
      end({ op: "reset", id, reason, retryMs: waitMs }, { forgets, retryMs: waitMs });
    },
    refuse: (id, refusal) => {
      end({ op: "error", id, ...refusal }, { forgets: true, retryMs: refusedRetryMs });
    },
    close: () => {
      if (closed) return;
      closed = true;
      waiting.length = 0;
      clearTimeout(timer);
      share.leave();
    },
  };
};
