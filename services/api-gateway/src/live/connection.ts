import type { LiveFrame, ResetReason } from "@tagwire/messages";
import type { LiveMetrics } from "./hub.ts";

/** Above this many unsent bytes changes are put together instead of sent. */
export const softBytesMax = 256 * 1024;
/** Above this many bytes held back besides, the slow reader has to start again. */
export const hardBytesMax = 1024 * 1024;
/** Frames that a client, which acknowledges at all, may leave unacknowledged. */
export const unackedFramesMax = 5_000;
/** How often we look whether a slow connection has room again, in ms. */
const roomIntervalMs = 50;
/** The longest that a part of a snapshot waits for room. */
const roomWaitMsMax = 60_000;

/** The way to one client, whatever it is made of. */
export type Wire = {
  readonly send: (text: string, position: { epoch: number; pos: number } | undefined) => void;
  /** Bytes handed over that the network has not taken yet. */
  readonly bufferedBytes: () => number;
};

export type Connection = {
  readonly send: (frame: LiveFrame) => void;
  /** Sends a frame that is text already. */
  readonly sendText: (op: LiveFrame["op"], text: string, position: { epoch: number; pos: number }) => void;
  readonly hasRoom: () => boolean;
  /** Whether too much is held back, put together as it is. */
  readonly isOverfull: () => boolean;
  /** Calls back once there is room. Whoever has nothing to send any more does nothing then. */
  readonly whenRoom: (send: () => void) => void;
  /** False when no room came in time or the connection ended. */
  readonly waitForRoom: () => Promise<boolean>;
  /** Counts bytes that are held back; negative when they leave. */
  readonly keep: (bytes: number) => void;
  readonly reset: (id: string, reason: ResetReason) => void;
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

/** Counts what is on its way to a client and holds back what would be too much. */
export const openConnection = (wire: Wire, metrics: LiveMetrics): Connection => {
  const waiting: (() => void)[] = [];
  let keptBytes = 0;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const hasRoom = () => wire.bufferedBytes() <= softBytesMax;
  const look = () => {
    timer = undefined;
    while (!closed && waiting.length > 0 && hasRoom()) waiting.shift()?.();
    arm();
  };
  const arm = () => {
    if (!closed && waiting.length > 0) timer ??= setTimeout(look, roomIntervalMs);
  };
  const whenRoom = (send: () => void) => {
    waiting.push(send);
    arm();
  };
  const send = (frame: LiveFrame) => {
    if (closed) return;
    metrics.frames(frame.op);
    wire.send(JSON.stringify(frame), undefined);
  };

  return {
    send,
    sendText: (op, text, position) => {
      if (closed) return;
      metrics.frames(op);
      wire.send(text, position);
    },
    hasRoom,
    isOverfull: () => keptBytes > hardBytesMax,
    whenRoom,
    waitForRoom: async () => {
      const giveUpAtMs = performance.now() + roomWaitMsMax;
      while (!closed && !hasRoom()) {
        if (performance.now() > giveUpAtMs) return false;
        await new Promise((resolve) => setTimeout(resolve, roomIntervalMs));
      }
      return !closed;
    },
    keep: (bytes) => {
      keptBytes += bytes;
    },
    reset: (id, reason) => {
      const [least, most] = retryMs[reason];
      metrics.resets(reason);
      send({ op: "reset", id, reason, retryMs: Math.round(least + Math.random() * (most - least)) });
    },
    close: () => {
      closed = true;
      waiting.length = 0;
      clearTimeout(timer);
    },
  };
};
