import { type Bus, hear, isSampled, SpanKind, startSpan } from "@tagwire/bus";
import { type LiveDelta, type LiveView, liveSubject, liveViewOf, type Position } from "@tagwire/messages";
import { type Delta, deltaOf } from "./delta.ts";
import type { Ring } from "./ring.ts";

/** Somebody who follows a channel. Each call must be quick and must not throw. */
export type Listener = {
  /** Tells what becomes of it. Whoever says `later` calls `sent` once a frame with it has left, if one does. */
  readonly delta: (delta: Delta, sent: () => void) => "sent" | "later" | "nothing";
  /** Something is missing before what comes next, or the rows were made anew. */
  readonly gap: () => void;
  /** History was restored: what is held means nothing any more. */
  readonly epoch: () => void;
  /** For how many it listens; for one, when it does not say. */
  readonly followers?: () => number;
};

/** One view of one site as its owner says it, heard once and told to everybody here who follows it. */
export type Channel = {
  readonly site: string;
  readonly view: LiveView;
  readonly listen: (listener: Listener) => () => void;
  /** The newest position that was heard or read; undefined before the first. */
  readonly head: () => Position | undefined;
  /** Tells what a snapshot, asked for after we began to hear, says of the position. */
  readonly observe: (read: Build & Position) => void;
  /** Whether everything after `pos` is in memory. */
  readonly covers: (pos: number) => boolean;
  readonly after: (pos: number) => readonly Delta[];
  /**
   * How far the rows that are told now are known to have got; -1 while nothing is known. A view that is quieter than its site has rows
   * that are right for positions after the last that was said of it.
   */
  readonly reached: () => number;
  /**
   * Whether rows held at a position, of a generation if it is known, may be of those that are told now. Without its name, nobody can
   * tell at positions that the generation before had reached, too.
   */
  readonly continues: (pos: number, generation: string | undefined) => boolean;
  /** Something may have been missed without our noticing, as after a lost connection. */
  readonly doubt: () => void;
  readonly listeners: () => number;
  /** How often the chain broke: rises whenever what was read before may have a hole after it. */
  readonly breaks: () => number;
  readonly stop: () => Promise<void>;
};

/** Which rows positions belong to. Positions of two builds say nothing about each other. */
export type Build = { readonly epoch: number; readonly generation?: string | undefined };

export type ChannelEvents = { readonly gap: () => void; readonly sent: (seconds: number) => void };

const isLiveDelta = (said: unknown): said is LiveDelta => {
  if (typeof said !== "object" || said === null) return false;
  const { epoch, generation, prev, pos, at, changes, traces } = said as Record<string, unknown>;
  return (
    Number.isSafeInteger(epoch) &&
    (generation === undefined || typeof generation === "string") &&
    Number.isSafeInteger(prev) &&
    Number.isSafeInteger(pos) &&
    typeof at === "string" &&
    Array.isArray(changes) &&
    Array.isArray(traces)
  );
};

export const openChannel = (
  bus: Bus,
  { site, view, ring }: { site: string; view: LiveView; ring: Ring },
  events: ChannelEvents,
): Channel => {
  const listeners = new Set<Listener>();
  let last: Position | undefined;
  /** Everything after this position was heard; undefined while nothing is known. */
  let floor: number | undefined;
  let breaks = 0;
  /** What the positions are of. It outlives doubts, as does how far they got and how far a generation before them had got. */
  let build: Build | undefined;
  let newestPos = -1;
  let formerNewestPos = -1;

  const moveTo = (epoch: number, pos: number) => {
    last = { epoch, pos };
    newestPos = Math.max(newestPos, pos);
  };
  const restartAt = (epoch: number, pos: number) => {
    ring.clear();
    moveTo(epoch, pos);
    floor = pos;
  };

  /** Starts over at `pos` when something of another build is told: restored history, or rows that were made anew. */
  const turnTo = ({ epoch, generation }: Build, pos: number): void => {
    const former = build;
    if (former?.epoch === epoch && former.generation === generation) return;
    build = { epoch, generation };
    if (former === undefined) return;
    const isRebuilt = former.epoch === epoch;
    formerNewestPos = isRebuilt ? Math.max(formerNewestPos, newestPos) : -1;
    newestPos = -1;
    restartAt(epoch, pos);
    breaks += 1;
    for (const listener of [...listeners]) {
      if (isRebuilt) listener.gap();
      else listener.epoch();
    }
  };

  const take = (said: LiveDelta): void => {
    if (build !== undefined && said.epoch < build.epoch) return;
    turnTo(said, said.prev);
    if (last !== undefined && said.pos <= last.pos) return;
    if (last === undefined) restartAt(said.epoch, said.prev);
    else if (said.prev > last.pos) {
      events.gap();
      bus.log.warn({ site, view, last: last.pos, prev: said.prev }, "gap in what was said live");
      restartAt(said.epoch, said.prev);
      breaks += 1;
      for (const listener of [...listeners]) listener.gap();
    }
    moveTo(said.epoch, said.pos);
    const delta = deltaOf(said, performance.now(), liveViewOf(view).isMerged);
    ring.push(delta);
    tell(delta, said.traces);
  };

  const tell = (delta: Delta, traces: readonly string[]): void => {
    const sampled = [...new Set(traces.filter(isSampled))];
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
    let isSent = false;
    const sent = () => {
      if (isSent) return;
      isSent = true;
      // The span ends with the first frame that left: the rest is the same work again.
      span?.end();
      events.sent(Math.max(0, Date.now() - Date.parse(delta.at)) / 1_000);
    };
    let isGathered = false;
    for (const listener of [...listeners]) {
      const outcome = listener.delta(delta, sent);
      if (outcome === "sent") sent();
      isGathered ||= outcome === "later";
    }
    // What is gathered ends it when it leaves.
    if (!isSent && !isGathered) span?.setAttribute("tagwire.frames", 0).end();
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
    observe: (read) => {
      if (build !== undefined && read.epoch < build.epoch) return;
      turnTo(read, read.pos);
      if (last === undefined) restartAt(read.epoch, read.pos);
      // Not the head: what is said up to there may still be on its way, and has to follow what was said before it.
      newestPos = Math.max(newestPos, read.pos);
    },
    reached: () => newestPos,
    covers: (pos) => floor !== undefined && (ring.floor() ?? floor) <= pos,
    after: ring.after,
    continues: (pos, generation) =>
      generation === undefined ? pos > formerNewestPos : generation === build?.generation,
    doubt: () => {
      breaks += 1;
      if (last === undefined) return;
      last = undefined;
      floor = undefined;
      ring.clear();
      for (const listener of [...listeners]) listener.gap();
    },
    listeners: () => [...listeners].reduce((sum, { followers }) => sum + (followers?.() ?? 1), 0),
    breaks: () => breaks,
    stop: () => {
      ring.close();
      return subscription.stop();
    },
  };
};
