import { retryDelayMs, spreadMs } from "./back-off.ts";
import { createFinders, type Sought, type SoughtHeard } from "./finders.ts";
import type { Link } from "./freshness.ts";
import { openLine, type World } from "./line.ts";
import type {
  DeltaFrame,
  ErrorFrame,
  LiveFrame,
  ResetFrame,
  SnapFrame,
  TickFrame,
  Watched,
} from "./protocol.ts";
import { createSubscription, type Subscription, type ViewSnapshot } from "./subscription.ts";

/** A live connection: any number of views over one socket. */
export type Live = {
  readonly link: { subscribe(listener: () => void): () => void; get(): Link };
  /** A view to render from. The subscription lives while anybody listens, and a little longer. */
  view(watched: Watched): { subscribe(listener: () => void): () => void; get(): ViewSnapshot };
  /** Listens how loud tags are, and gives the way to stop. */
  find(sought: Sought, heard: SoughtHeard): () => void;
  /** The worst of the views that somebody looks at. */
  worst(): WorstView;
  /** Connect now instead of waiting for the back-off: the network is back, or somebody signed in. */
  hurry(): void;
  /** The network is known to be gone: say so at once instead of after the silence. */
  lost(): void;
  close(): void;
};

/** Whether a view that is looked at has not come yet, and since when one of them may be behind its record. */
export type WorstView = { readonly waits: boolean; readonly behindSinceMs: number | undefined };

export const ackIntervalMs = 1_000;
export const ackEveryFrames = 200;
/** A view nobody looks at is kept this long, so that going back and forth costs no new snapshot. */
export const lingerMs = 60_000;

/** A view with too many rows to be sent is asked for so rarely, since each time most of them are sent before it turns out. */
export const tooLargeRetryMs = 10 * 60_000;

const keyOf = ({ site, view, filter }: Watched): string => JSON.stringify([site, view, filter ?? null]);

/** Starts the client of `tagwire.live.v1`. It connects by itself, and again after every loss. */
export const startLive = (world: World): Live => {
  const subscriptions = new Map<string, Subscription>();
  const byWireId = new Map<string, Subscription>();
  const listeners = new Set<() => void>();
  let flushing = false;
  let serial = 0;
  let framesSinceAck = 0;
  let ackedAtMs = 0;

  /* However many frames come, listeners are told once per painted frame. */
  const scheduleFlush = (): void => {
    if (flushing) return;
    flushing = true;
    world.nextFrame(() => {
      flushing = false;
      for (const subscription of subscriptions.values()) subscription.publish(line.get());
      for (const listener of listeners) listener();
    });
  };

  const subscribe = (subscription: Subscription): void => {
    if (!line.isOpen()) return;
    unsubscribe(subscription);
    serial += 1;
    const id = `${subscription.watched.view}.${serial}`;
    byWireId.set(id, subscription);
    const { site, view, filter } = subscription.watched;
    line.send({ op: "sub", id, site, view, ...(filter ? { filter } : {}), ...subscription.begin(id) });
  };

  const unsubscribe = (subscription: Subscription): void => {
    subscription.cancelRetry();
    if (subscription.wireId === undefined) return;
    byWireId.delete(subscription.wireId);
    line.send({ op: "unsub", id: subscription.wireId });
    subscription.stopFollowing(line.get());
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
      const ack = subscription.ack(ackedAtMs);
      if (ack !== undefined) line.send({ op: "ack", ...ack });
    }
  };

  const onTick = (frame: TickFrame): void => {
    line.setClock(Date.parse(frame.now));
    for (const [id, subscription] of byWireId) {
      const provenAt = frame.stale?.[id];
      const ageMs = provenAt === undefined ? undefined : Date.parse(frame.now) - Date.parse(provenAt);
      subscription.setBehind(ageMs === undefined ? undefined : world.nowMs() - ageMs);
      subscription.age(Date.parse(frame.now));
    }
    acknowledge();
  };

  const onReset = (frame: ResetFrame): void => {
    const subscription = byWireId.get(frame.id);
    if (subscription === undefined) return;
    if (frame.reason === "epoch" || frame.reason === "too_old") subscription.forgetPosition();
    if (frame.reason === "auth") void line.endIfSignedOut();
    subscribeAgain(subscription, spreadMs(frame.retryMs, world.random()));
  };

  const onError = (frame: ErrorFrame): void => {
    if (finders.failed(frame)) return;
    const subscription = frame.id === undefined ? undefined : byWireId.get(frame.id);
    if (subscription === undefined) return;
    subscription.failed({ code: frame.code, message: frame.message });
    const delayMs =
      frame.code === "too_large" ? tooLargeRetryMs : retryDelayMs(subscription.failures, world.random());
    subscribeAgain(subscription, delayMs);
  };

  const onRows = (frame: SnapFrame | DeltaFrame): void => {
    const subscription = byWireId.get(frame.id);
    if (subscription === undefined) return;
    if (subscription.take(frame, world.nowMs()) === "gap") {
      const { gaps } = subscription;
      return subscribeAgain(subscription, gaps > 1 ? retryDelayMs(gaps, world.random()) : 0);
    }
    framesSinceAck += 1;
    if (framesSinceAck >= ackEveryFrames || world.nowMs() - ackedAtMs >= ackIntervalMs) acknowledge();
  };

  const onFrame = (frame: LiveFrame): void => {
    if (frame.op === "tick") onTick(frame);
    else if (frame.op === "reset") onReset(frame);
    else if (frame.op === "error") onError(frame);
    else if (frame.op === "found") finders.found(frame);
    else onRows(frame);
  };

  const viewOf = (watched: Watched): Subscription => {
    const key = keyOf(watched);
    const known = subscriptions.get(key);
    if (known !== undefined) return known;
    const forget = (): void => {
      if (made.isWatched()) return;
      unsubscribe(made);
      subscriptions.delete(key);
    };
    const made = createSubscription(watched, {
      onFirst: () => {
        subscriptions.set(key, made);
        if (made.wireId === undefined) subscribe(made);
      },
      onNone: () => void world.after(lingerMs, forget),
    });
    subscriptions.set(key, made);
    return made;
  };

  const line = openLine(world, {
    opened: () => {
      for (const subscription of subscriptions.values()) subscribe(subscription);
      finders.opened();
    },
    frame: onFrame,
    dropped: (link) => {
      byWireId.clear();
      for (const subscription of subscriptions.values()) subscription.stopFollowing(link);
      finders.dropped();
    },
    changed: scheduleFlush,
  });
  const finders = createFinders(line.send);
  line.start();

  return {
    link: {
      subscribe: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      get: line.get,
    },
    view: viewOf,
    find: finders.find,
    worst: () => {
      const shown = [...subscriptions.values()].filter((subscription) => subscription.isWatched());
      const since = shown.flatMap((subscription) => subscription.get().behindSinceMs ?? []);
      return {
        waits: shown.some((subscription) => !subscription.get().whole),
        behindSinceMs: since.length === 0 ? undefined : Math.min(...since),
      };
    },
    hurry: line.hurry,
    lost: line.lost,
    close: line.close,
  };
};
