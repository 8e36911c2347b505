import { setTimeout as wait } from "node:timers/promises";
import { type Bus, ensureStream, isStreamMissing, type Outgoing, publishInOrder } from "@tagwire/bus";
import {
  type EventHeaders,
  eventMessageId,
  eventSubject,
  Fault,
  type LoggedEvent,
  type Position,
  type StreamDeclaration,
} from "@tagwire/messages";
import type { Logger } from "pino";
import { countTooOld, newestIn } from "./refill.ts";
import { createSlots } from "./slots.ts";

/** Events kept in memory between commit and stream; what does not fit is read from the log again. */
const queuedEventsMax = 10_000;
const sliceMax = 500;
/** Sites whose events travel at the same time: one that is slow holds up itself, and the server takes 50 batches at once. */
const sitesCarriedMax = 16;
/** Of these, how many are read from the log: what a new owner finds behind must not fill its memory, nor its connections. */
const sitesReadMax = 4;
const retryFirstMs = 50;
const retryMaxMs = 2_000;
const markIntervalMs = 1_000;
/** How often we look whether the stream is still the one that we filled: while nothing happens nothing would tell. */
const streamLookIntervalMs = 10_000;
/** Many sites fail together when the bus or the store is away: that is said once in so long. */
const complaintIntervalMs = 1_000;

export type Relay = {
  /** Takes over a site whose events up to `mark` were in the stream once; what it lost since is carried again. */
  readonly adopt: (site: string, mark: Position, head: number) => void;
  /** Committed events, in order, right after the commit. */
  readonly offer: (site: string, events: readonly LoggedEvent[]) => void;
  readonly forget: (site: string) => void;
  /** Events committed and not yet in the stream. */
  readonly lag: () => number;
  /** How long the oldest of them has been waiting, in s; 0 when there is none. */
  readonly lagSeconds: () => number;
  readonly stop: () => Promise<void>;
};

export type RelayOptions = {
  readonly bus: Bus;
  readonly stream: StreamDeclaration;
  readonly readLog: (site: string, after: Position, limit: number) => Promise<readonly LoggedEvent[]>;
  /** Remembers how far each site has come, lazily: after a restart a little is published again, and dropped as known. */
  readonly saveMarks: (marks: ReadonlyMap<string, Position>) => Promise<void>;
  readonly log: Logger;
  readonly streamLookIntervalMs?: number;
};

/** Waits, unless it is aborted meanwhile. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  wait(ms, undefined, { signal }).catch(() => {});

/** `lost`: what is up to the mark may not be in the stream, or none of it is. `waitsSinceMs`: when the oldest that is not there was recorded, or when we knew of it. */
type SiteRoad = {
  epoch: number;
  mark: number;
  head: number;
  queue: LoggedEvent[];
  lost: "maybe" | "all" | undefined;
  waitsSinceMs: number;
};

/** CloudEvents 1.0 binary mode: the envelope's fields as `ce-` headers, the whole event as the body. */
export const outgoing = (event: LoggedEvent): Outgoing => ({
  subject: eventSubject(event.site, event.type),
  id: eventMessageId(event),
  payload: JSON.stringify(event),
  headers: {
    traceparent: event.traceparent,
    "ce-specversion": "1.0",
    "ce-id": event.id,
    "ce-type": event.type,
    "ce-source": `/sites/${event.site}`,
    "ce-time": event.recordedAt,
    ...(event.tag === undefined ? {} : { "ce-subject": encodeURIComponent(event.tag) }),
    "tw-site": event.site,
    "tw-epoch": String(event.epoch),
    "tw-pos": String(event.pos),
  } satisfies EventHeaders,
});

/**
 * Carries committed events to the stream, in each site's order: from memory right after the commit, and from the log after a
 * restart or an overflow, and again from the oldest that is kept when the stream was lost. The log is the outbox, so nothing here has to survive. Each site goes at its own pace.
 */
export const createRelay = (options: RelayOptions): Relay => {
  const { bus, log } = options;
  const roads = new Map<string, SiteRoad>();
  const unsaved = new Map<string, Position>();
  const carried = createSlots(sitesCarriedMax);
  const read = createSlots(sitesReadMax);
  /** Sites that are being carried: the events of a site never travel twice at the same time. */
  const underway = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  /** On their way to the stream. */
  const sending = new Set<Promise<void>>();
  let queued = 0;
  let complainedAtMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  /** When the stream was made that we fill. */
  let madeAt: string | undefined;

  const clear = (road: SiteRoad) => {
    queued -= road.queue.length;
    road.queue = [];
  };

  const passed = (site: string, road: SiteRoad, events: readonly LoggedEvent[]) => {
    const last = events.at(-1);
    if (last === undefined) return;
    road.mark = last.pos;
    road.head = Math.max(road.head, last.pos);
    while (road.queue[0] !== undefined && road.queue[0].pos <= road.mark) {
      road.queue.shift();
      queued -= 1;
    }
    const next = road.queue[0];
    road.waitsSinceMs = next === undefined ? Date.now() : Date.parse(next.recordedAt);
    unsaved.set(site, { epoch: road.epoch, pos: road.mark });
  };

  const publish = async (site: string, road: SiteRoad, events: readonly LoggedEvent[]) => {
    const isSent = await carried.run(async () => {
      // Whoever waited for a slot meanwhile may have been told that the stream was lost.
      if (roads.get(site) !== road) return false;
      const sent = publishInOrder(bus, events.map(outgoing));
      sending.add(sent);
      await sent.finally(() => sending.delete(sent));
      return true;
    });
    if (isSent && roads.get(site) === road) passed(site, road, events);
  };

  const publishFromLog = async (site: string, road: SiteRoad) => {
    const events = await options.readLog(site, { epoch: road.epoch, pos: road.mark }, sliceMax);
    if (events[0]?.pos !== road.mark + 1)
      throw new Fault("internal", `the log of ${site} has no event ${road.epoch}:${road.mark + 1}`);
    await publish(site, road, events);
  };

  /** Moves the mark back to what the stream holds, or to before the oldest event that it would keep. */
  const reckon = async (site: string, road: SiteRoad) => {
    const { epoch, mark, lost } = road;
    const newest = lost === "all" || mark === 0 ? undefined : await newestIn(bus, options.stream.name, site);
    if (newest?.epoch === epoch) road.mark = Math.min(mark, newest.pos);
    else {
      const readAt = async (pos: number) => (await options.readLog(site, { epoch, pos: pos - 1 }, 1))[0];
      road.mark = await countTooOld(readAt, mark, Date.now() - options.stream.maxAgeMs);
    }
    road.lost = undefined;
    if (road.mark < mark)
      log.warn({ site, from: road.mark, to: mark }, "carrying again what the stream lost");
  };

  const carrySlice = (site: string, road: SiteRoad): Promise<void> => {
    if (road.lost !== undefined) return read.run(() => reckon(site, road));
    if (road.queue[0]?.pos === road.mark + 1) return publish(site, road, road.queue.slice(0, sliceMax));
    clear(road);
    // The slot is kept until the page is in the stream: so many pages are in memory and no more.
    return read.run(() => publishFromLog(site, road));
  };

  const complain = (err: unknown) => {
    if (performance.now() - complainedAtMs < complaintIntervalMs) return;
    complainedAtMs = performance.now();
    log.warn({ err, behind: behind().length }, "events not published, trying again");
  };

  const infoOrNone = async () => {
    try {
      return await bus.manager.streams.info(options.stream.name);
    } catch (err) {
      if (isStreamMissing(err)) return undefined;
      throw err;
    }
  };

  const loseAll = () => {
    for (const [site, { epoch, mark, head, queue }] of roads) {
      queued -= queue.length;
      // In the place of the old one, so that what is under way to the stream does not move its mark.
      roads.set(site, { epoch, mark, head, queue: [], lost: "all", waitsSinceMs: Date.now() });
    }
  };

  /** A deleted stream is made anew. Whoever made it, it is filled from the oldest event that it keeps on. */
  const look = async () => {
    let info = await infoOrNone();
    if (info === undefined) {
      // Before it is there again, or what is committed next would be in it before what it lost: so would what is sent still.
      if (madeAt !== undefined) loseAll();
      await Promise.allSettled(sending);
      await ensureStream(bus, options.stream);
      info = await infoOrNone();
    } else if (madeAt !== undefined && info.created !== madeAt) loseAll();
    const isAnother = madeAt !== undefined && info !== undefined && info.created !== madeAt;
    madeAt = info?.created ?? madeAt;
    if (!isAnother) return;
    log.warn({ stream: options.stream.name, sites: roads.size }, "the stream was made anew, filling it");
    for (const site of roads.keys()) begin(site);
  };
  /** Once for all sites that miss the stream. */
  const lookAtStream = (): Promise<void> => {
    looking ??= look()
      .catch((err: unknown) => log.warn({ err }, "stream not there"))
      .finally(() => {
        looking = undefined;
      });
    return looking;
  };

  const isBehind = ({ mark, head, lost }: SiteRoad): boolean => mark < head || lost !== undefined;
  const behind = () => [...roads.values()].filter(isBehind);

  /** Carries what there is of a site; its own failures hold up nobody else. */
  const carry = async (site: string) => {
    let retryMs = retryFirstMs;
    for (;;) {
      const road = roads.get(site);
      if (road === undefined || !isBehind(road) || stopping.signal.aborted) return;
      try {
        await carrySlice(site, road);
        retryMs = retryFirstMs;
      } catch (err) {
        complain(err);
        await pause(retryMs, stopping.signal);
        retryMs = Math.min(retryMs * 2, retryMaxMs);
        await lookAtStream();
      }
    }
  };

  const begin = (site: string) => {
    const road = roads.get(site);
    if (road === undefined || !isBehind(road) || underway.has(site) || stopping.signal.aborted) return;
    const one = carry(site).finally(() => {
      underway.delete(site);
      // What was offered between the last look and now.
      begin(site);
    });
    underway.set(site, one);
  };

  const save = async () => {
    if (unsaved.size === 0) return;
    const marks = new Map(unsaved);
    unsaved.clear();
    await options.saveMarks(marks).catch((err: unknown) => {
      for (const [site, mark] of marks) if (!unsaved.has(site)) unsaved.set(site, mark);
      log.warn({ err }, "relay marks not saved");
    });
  };
  const saving = setInterval(() => void save(), markIntervalMs);
  saving.unref();
  const watching = setInterval(() => {
    if (bus.isConnected()) void lookAtStream();
  }, options.streamLookIntervalMs ?? streamLookIntervalMs);
  watching.unref();
  void lookAtStream();

  return {
    adopt: (site, mark, head) => {
      const before = roads.get(site);
      if (before !== undefined) clear(before);
      roads.set(site, {
        epoch: mark.epoch,
        mark: mark.pos,
        head,
        queue: [],
        lost: mark.pos > 0 ? "maybe" : undefined,
        waitsSinceMs: Date.now(),
      });
      begin(site);
    },
    offer: (site, events) => {
      const road = roads.get(site);
      const last = events.at(-1);
      if (road === undefined || last === undefined) return;
      if (!isBehind(road)) road.waitsSinceMs = Date.parse(events[0]?.recordedAt ?? last.recordedAt);
      road.head = last.pos;
      if (queued + events.length > queuedEventsMax) clear(road);
      else {
        road.queue.push(...events);
        queued += events.length;
      }
      begin(site);
    },
    forget: (site) => {
      const road = roads.get(site);
      if (road === undefined) return;
      clear(road);
      roads.delete(site);
    },
    lagSeconds: () => {
      const nowMs = Date.now();
      return behind().reduce((most, { waitsSinceMs }) => Math.max(most, (nowMs - waitsSinceMs) / 1_000), 0);
    },
    lag: () => behind().reduce((sum, { mark, head }) => sum + head - mark, 0),
    stop: async () => {
      stopping.abort();
      clearInterval(saving);
      clearInterval(watching);
      await looking;
      await Promise.all(underway.values());
      await save();
    },
  };
};
