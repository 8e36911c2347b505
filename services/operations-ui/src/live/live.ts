import { retryDelayMs, spreadMs } from "./back-off.ts";
import { deadAfterMs, type Link } from "./freshness.ts";
import {
  type ErrorFrame,
  type LiveFilter,
  type LiveFrame,
  type LiveRequest,
  type LiveView,
  type ResetFrame,
  readFrame,
  subprotocol,
} from "./protocol.ts";
import { createSubscription, type Subscription, type ViewSnapshot } from "./subscription.ts";

/** The part of a WebSocket this client uses, so that a test can play the other side. */
export type Socket = {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
};

/** Everything of the world that the client touches. */
export type World = {
  openSocket(subprotocol: string): Socket;
  nowMs(): number;
  random(): number;
  /** Runs once, later; the answer cancels it. */
  after(delayMs: number, run: () => void): () => void;
  /** Runs before the next paint, or soon when the page is hidden. */
  nextFrame(run: () => void): void;
  /** Asked when a connection cannot be made: is the session over? */
  isSignedOut(): Promise<boolean>;
};

export type Watched = { readonly site: string; readonly view: LiveView; readonly filter?: LiveFilter };

/** A live connection: any number of views over one socket. */
export type Live = {
  readonly link: { subscribe(listener: () => void): () => void; get(): Link };
  /** A view to render from. The subscription lives while anybody listens, and a little longer. */
  view(watched: Watched): { subscribe(listener: () => void): () => void; get(): ViewSnapshot };
  /** Connect now instead of waiting for the back-off: the network is back, or somebody signed in. */
  hurry(): void;
  /** The network is known to be gone: say so at once instead of after the silence. */
  lost(): void;
  close(): void;
};

export const connectTimeoutMs = 10_000;
export const watchIntervalMs = 1_000;
export const ackIntervalMs = 1_000;
export const ackEveryFrames = 200;
/** A view nobody looks at is kept this long, so that going back and forth costs no new snapshot. */
export const lingerMs = 60_000;

/** Starts the client of `tagwire.live.v1`. It connects by itself, and again after every loss, with back-off. */
export const startLive = (world: World): Live => {
  const subscriptions = new Map<string, Subscription>();
  const byWireId = new Map<string, Subscription>();
  const listeners = new Set<() => void>();
  let link: Link = {
    phase: "connecting",
    heardAtMs: world.nowMs(),
    sinceMs: world.nowMs(),
    retryAtMs: undefined,
    attempt: 0,
    clockOffsetMs: 0,
  };
  let socket: Socket | undefined;
  let cancelRetry: (() => void) | undefined;
  let flushing = false;
  let serial = 0;
  let framesSinceAck = 0;
  let ackedAtMs = 0;
  let closed = false;

  const setLink = (change: Partial<Link>): void => {
    const moved = change.phase !== undefined && change.phase !== link.phase;
    link = { ...link, ...change, ...(moved ? { sinceMs: world.nowMs() } : {}) };
    scheduleFlush();
  };

  const scheduleFlush = (): void => {
    if (flushing) return;
    flushing = true;
    world.nextFrame(() => {
      flushing = false;
      for (const subscription of subscriptions.values()) subscription.publish(link);
      for (const listener of listeners) listener();
    });
  };

  const send = (request: LiveRequest): void => {
    if (link.phase === "open") socket?.send(JSON.stringify(request));
  };

  const subscribe = (subscription: Subscription): void => {
    if (link.phase !== "open" || closed) return;
    unsubscribe(subscription);
    serial += 1;
    const id = `${subscription.watched.view}.${serial}`;
    byWireId.set(id, subscription);
    const { site, view, filter } = subscription.watched;
    const from = subscription.begin(id);
    send({ op: "sub", id, site, view, ...(filter ? { filter } : {}), ...(from ? { from } : {}) });
  };

  const unsubscribe = (subscription: Subscription): void => {
    subscription.cancelRetry();
    if (subscription.wireId === undefined) return;
    byWireId.delete(subscription.wireId);
    send({ op: "unsub", id: subscription.wireId });
    subscription.stopFollowing(link);
  };

  const subscribeAgain = (subscription: Subscription, delayMs: number): void => {
    unsubscribe(subscription);
    subscription.retryLater(world.after(delayMs, () => subscribe(subscription)));
    scheduleFlush();
  };

  const acknowledge = (): void => {
    framesSinceAck = 0;
    ackedAtMs = world.nowMs();
    for (const subscription of subscriptions.values()) {
      const ack = subscription.ack();
      if (ack !== undefined) send({ op: "ack", ...ack });
    }
  };

  const onReset = (frame: ResetFrame): void => {
    const subscription = byWireId.get(frame.id);
    if (subscription === undefined) return;
    if (frame.reason === "epoch" || frame.reason === "too_old") subscription.forgetPosition();
    if (frame.reason === "auth") void checkSession();
    subscribeAgain(subscription, spreadMs(frame.retryMs, world.random()));
  };

  const onError = (frame: ErrorFrame): void => {
    const subscription = frame.id === undefined ? undefined : byWireId.get(frame.id);
    if (subscription === undefined) return;
    subscription.failed({ code: frame.code, message: frame.message });
    subscribeAgain(subscription, retryDelayMs(subscription.failures, world.random()));
  };

  const onFrame = (frame: LiveFrame): void => {
    if (frame.op === "tick") {
      setLink({ clockOffsetMs: Date.parse(frame.now) - world.nowMs() || 0 });
      return acknowledge();
    }
    if (frame.op === "reset") return onReset(frame);
    if (frame.op === "error") return onError(frame);
    const subscription = byWireId.get(frame.id);
    if (subscription === undefined) return;
    if (subscription.take(frame) === "gap") {
      return subscribeAgain(
        subscription,
        subscription.gaps > 1 ? retryDelayMs(subscription.gaps, world.random()) : 0,
      );
    }
    framesSinceAck += 1;
    if (framesSinceAck >= ackEveryFrames || world.nowMs() - ackedAtMs >= ackIntervalMs) acknowledge();
  };

  const drop = (): void => {
    if (socket !== undefined) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
      socket = undefined;
    }
    byWireId.clear();
    for (const subscription of subscriptions.values()) subscription.stopFollowing(link);
  };

  const retry = (): void => {
    drop();
    if (closed || link.phase === "signed_out") return;
    const delayMs = retryDelayMs(link.attempt, world.random());
    setLink({ phase: "reconnecting", attempt: link.attempt + 1, retryAtMs: world.nowMs() + delayMs });
    cancelRetry?.();
    cancelRetry = world.after(delayMs, connect);
  };

  const checkSession = async (): Promise<void> => {
    if (!(await world.isSignedOut()) || closed) return;
    drop();
    cancelRetry?.();
    setLink({ phase: "signed_out", retryAtMs: undefined });
  };

  const connect = (): void => {
    if (closed) return;
    cancelRetry?.();
    drop();
    setLink({ retryAtMs: undefined });
    const opening = world.openSocket(subprotocol);
    socket = opening;
    let opened = false;
    cancelRetry = world.after(connectTimeoutMs, retry);
    opening.onopen = () => {
      opened = true;
      cancelRetry?.();
      setLink({ phase: "open", heardAtMs: world.nowMs(), attempt: 0 });
      for (const subscription of subscriptions.values()) subscribe(subscription);
    };
    opening.onmessage = ({ data }) => {
      link = { ...link, heardAtMs: world.nowMs() };
      const frame = readFrame(data);
      if (frame !== undefined) onFrame(frame);
      scheduleFlush();
    };
    opening.onclose = () => {
      if (!opened) void checkSession();
      retry();
    };
  };

  const watch = (): void => {
    if (closed) return;
    if (link.phase === "open" && world.nowMs() - link.heardAtMs > deadAfterMs) retry();
    world.after(watchIntervalMs, watch);
  };

  const viewOf = (watched: Watched): Subscription => {
    const key = JSON.stringify([watched.site, watched.view, watched.filter ?? null]);
    const known = subscriptions.get(key);
    if (known !== undefined) return known;
    const made = createSubscription(watched, {
      onFirst: () => {
        subscriptions.set(key, made);
        if (made.wireId === undefined) subscribe(made);
      },
      onNone: () =>
        world.after(lingerMs, () => {
          if (made.isWatched()) return;
          unsubscribe(made);
          subscriptions.delete(key);
        }),
    });
    subscriptions.set(key, made);
    return made;
  };

  connect();
  watch();
  return {
    link: {
      subscribe: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      get: () => link,
    },
    view: viewOf,
    hurry: () => {
      if (link.phase === "open" && world.nowMs() - link.heardAtMs < deadAfterMs) return;
      setLink({ phase: "reconnecting", attempt: 0 });
      connect();
    },
    lost: () => {
      if (link.phase === "open") retry();
    },
    close: () => {
      closed = true;
      cancelRetry?.();
      drop();
    },
  };
};
