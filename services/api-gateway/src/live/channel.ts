import { type Bus, hear, isSampled, SpanKind, startSpan } from "@tagwire/bus";
import { type LiveDelta, type LiveView, liveSubject, type Position } from "@tagwire/messages";
import { type Delta, deltaOf } from "./delta.ts";
import { openRing } from "./ring.ts";

/** Somebody who follows a channel. Each call must be quick and must not throw. */
export type Listener = {
  /** Gives whether a frame was sent at once. */
  readonly delta: (delta: Delta) => boolean;
  /** Something is missing before what comes next. */
  readonly gap: () => void;
  /** History was restored: what is held means nothing any more. */
  readonly epoch: () => void;
};

/** One view of one site as its owner says it, heard once and told to everybody here who follows it. */
export type Channel = {
  readonly site: string;
  readonly view: LiveView;
  readonly listen: (listener: Listener) => () => void;
  /** The newest position that was heard or read; undefined before the first. */
  readonly head: () => Position | undefined;
  /** Tells what a snapshot, asked for after we began to hear, says of the position. */
  readonly observe: (position: Position) => void;
  /** Whether everything after `pos` is in memory. */
  readonly covers: (pos: number) => boolean;
  readonly after: (pos: number) => readonly Delta[];
  /** Something may have been missed without our noticing, as after a lost connection. */
  readonly doubt: () => void;
  readonly listeners: () => number;
  /** Rises whenever what was read before may have a hole after it. */
  readonly generation: () => number;
  readonly stop: () => Promise<void>;
};

export type ChannelEvents = { readonly gap: () => void; readonly sent: (seconds: number) => void };

const isLiveDelta = (said: unknown): said is LiveDelta => {
  if (typeof said !== "object" || said === null) return false;
  const { epoch, prev, pos, at, changes, traces } = said as Record<string, unknown>;
  return (
    Number.isSafeInteger(epoch) &&
    Number.isSafeInteger(prev) &&
    Number.isSafeInteger(pos) &&
    typeof at === "string" &&
    Array.isArray(changes) &&
    Array.isArray(traces)
  );
};

export const openChannel = (
  bus: Bus,
  { site, view }: { site: string; view: LiveView },
  events: ChannelEvents,
): Channel => {
  const ring = openRing();
  const listeners = new Set<Listener>();
  let last: Position | undefined;
  /** Everything after this position was heard; undefined while nothing is known. */
  let floor: number | undefined;
  let generation = 0;

  const restartAt = (epoch: number, pos: number) => {
    ring.clear();
    last = { epoch, pos };
    floor = pos;
  };

  const take = (said: LiveDelta): void => {
    if (last !== undefined && said.epoch < last.epoch) return;
    if (last !== undefined && said.epoch > last.epoch) {
      restartAt(said.epoch, said.prev);
      generation += 1;
      for (const listener of [...listeners]) listener.epoch();
    }
    if (last !== undefined && said.pos <= last.pos) return;
    if (last === undefined) restartAt(said.epoch, said.prev);
    else if (said.prev > last.pos) {
      events.gap();
      bus.log.warn({ site, view, last: last.pos, prev: said.prev }, "gap in what was said live");
      restartAt(said.epoch, said.prev);
      generation += 1;
      for (const listener of [...listeners]) listener.gap();
    }
    last = { epoch: said.epoch, pos: said.pos };
    const delta = deltaOf(said, performance.now());
    ring.push(delta);
    tell(delta, said.traces);
  };

  const tell = (delta: Delta, traces: readonly string[]): void => {
    const sampled = traces.filter(isSampled);
    const [parent] = sampled;
    const alone = sampled.length === 1;
    const span =
      parent === undefined || listeners.size === 0
        ? undefined
        : startSpan("send live.{site}.{view}", {
            kind: SpanKind.PRODUCER,
            parent: alone ? parent : undefined,
            links: alone ? [] : sampled,
            attributes: {
              "messaging.system": "tagwire.live.v1",
              "messaging.operation.name": "send",
              "messaging.destination.name": `live.${site}.${view}`,
              "messaging.batch.message_count": delta.changes.length,
              "tagwire.pos": delta.pos,
            },
          });
    let sent = 0;
    for (const listener of [...listeners]) {
      if (!listener.delta(delta)) continue;
      sent += 1;
      if (sent > 1) continue;
      // The span ends with the first frame that left: the rest is the same work again.
      span?.end();
      events.sent(Math.max(0, Date.now() - Date.parse(delta.at)) / 1_000);
    }
    if (sent === 0) span?.setAttribute("tagwire.frames", 0).end();
  };

  const subscription = hear(bus, liveSubject(site, view), (message) => {
    const said: unknown = message.json();
    if (isLiveDelta(said)) take(said);
    else bus.log.error({ subject: message.subject }, "not a live delta");
  });

  return {
    site,
    view,
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    head: () => last,
    observe: (position) => {
      if (last === undefined) return restartAt(position.epoch, position.pos);
      if (position.epoch < last.epoch) return;
      if (position.epoch > last.epoch) {
        restartAt(position.epoch, position.pos);
        generation += 1;
        for (const listener of [...listeners]) listener.epoch();
      }
    },
    covers: (pos) => floor !== undefined && (ring.floor() ?? floor) <= pos,
    after: ring.after,
    doubt: () => {
      generation += 1;
      if (last === undefined) return;
      last = undefined;
      floor = undefined;
      ring.clear();
      for (const listener of [...listeners]) listener.gap();
    },
    listeners: () => listeners.size,
    generation: () => generation,
    stop: subscription.stop,
  };
};
