import { retryDelayMs } from "./back-off.ts";
import { deadAfterMs, type Link } from "./freshness.ts";
import { type LiveFrame, type LiveRequest, readFrame, subprotocol } from "./protocol.ts";

/** The part of a WebSocket this client uses, so that a test can play the other side. */
export type Socket = {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
};

/** Everything of the world that the live client touches. */
export type World = {
  openSocket(subprotocol: string): Socket;
  nowMs(): number;
  random(): number;
  /** Server clock minus this clock as far as it is known before the first tick, in ms. */
  roughClockOffsetMs(): number;
  /** Runs once, later; the answer cancels it. */
  after(delayMs: number, run: () => void): () => void;
  /** Runs before the next paint, or soon when the page is hidden. */
  nextFrame(run: () => void): void;
  /** Asked when a connection cannot be made: is the session over? */
  isSignedOut(): Promise<boolean>;
};

export const connectTimeoutMs = 10_000;
export const watchIntervalMs = 1_000;

type Heard = {
  opened(): void;
  frame(frame: LiveFrame): void;
  /** The connection is gone. `link` is how it was before. */
  dropped(link: Link): void;
  /** Anything of the link changed. */
  changed(): void;
};

export type Line = ReturnType<typeof openLine>;

/**
 * One connection that is made again whenever it is lost, with back-off, and given up when it has been silent too long.
 *
 *   connecting ──open──► open ──closed, silent──► reconnecting ──wait──► (connects) ──open──► open
 *                                                      └──the session has ended──► signed_out
 */
export const openLine = (world: World, heard: Heard) => {
  let link: Link = {
    phase: "connecting",
    heardAtMs: world.nowMs(),
    retryAtMs: undefined,
    attempt: 0,
    clockOffsetMs: world.roughClockOffsetMs(),
  };
  let socket: Socket | undefined;
  let cancelPending: () => void = () => {};
  let closed = false;

  const set = (change: Partial<Link>): void => {
    link = { ...link, ...change };
    heard.changed();
  };

  const drop = (): void => {
    if (socket !== undefined) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
      socket = undefined;
    }
    heard.dropped(link);
  };

  const retry = (): void => {
    drop();
    if (closed || link.phase === "signed_out") return;
    const delayMs = retryDelayMs(link.attempt, world.random());
    set({ phase: "reconnecting", attempt: link.attempt + 1, retryAtMs: world.nowMs() + delayMs });
    cancelPending();
    cancelPending = world.after(delayMs, connect);
  };

  const endIfSignedOut = async (): Promise<void> => {
    if (!(await world.isSignedOut()) || closed) return;
    cancelPending();
    drop();
    set({ phase: "signed_out", retryAtMs: undefined });
  };

  const connect = (): void => {
    if (closed) return;
    cancelPending();
    drop();
    set({ retryAtMs: undefined });
    const opening = world.openSocket(subprotocol);
    socket = opening;
    let opened = false;
    cancelPending = world.after(connectTimeoutMs, retry);
    opening.onopen = () => {
      opened = true;
      cancelPending();
      set({ phase: "open", heardAtMs: world.nowMs(), attempt: 0 });
      heard.opened();
    };
    opening.onmessage = ({ data }) => {
      set({ heardAtMs: world.nowMs() });
      const frame = readFrame(data);
      if (frame !== undefined) heard.frame(frame);
    };
    opening.onclose = () => {
      if (!opened) void endIfSignedOut();
      retry();
    };
  };

  /* A cut cable closes nothing by itself, so silence has to. */
  const watch = (): void => {
    if (closed) return;
    if (link.phase === "open" && world.nowMs() - link.heardAtMs > deadAfterMs) retry();
    world.after(watchIntervalMs, watch);
  };

  return {
    get: (): Link => link,
    start: (): void => {
      connect();
      watch();
    },
    isOpen: (): boolean => link.phase === "open" && !closed,
    send: (request: LiveRequest): void => {
      if (link.phase === "open") socket?.send(JSON.stringify(request));
    },
    setClock: (serverMs: number): void => set({ clockOffsetMs: serverMs - world.nowMs() || 0 }),
    endIfSignedOut,
    /** Connect now instead of waiting: the network is back. */
    hurry: (): void => {
      if (link.phase === "open" && world.nowMs() - link.heardAtMs < deadAfterMs) return;
      set({ phase: "reconnecting", attempt: 0 });
      connect();
    },
    /** The network is known to be gone: say so at once instead of after the silence. */
    lost: (): void => {
      if (link.phase === "open") retry();
    },
    close: (): void => {
      closed = true;
      cancelPending();
      drop();
    },
  };
};
