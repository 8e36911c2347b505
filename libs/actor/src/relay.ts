import { setTimeout as wait } from "node:timers/promises";
import { type Bus, ensureStream, type Outgoing, publishInOrder } from "@tagwire/bus";
import {
  eventMessageId,
  eventSubject,
  Fault,
  type LoggedEvent,
  type Position,
  type StreamDeclaration,
} from "@tagwire/messages";
import type { Logger } from "pino";
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
/** Many sites fail together when the bus or the store is away: that is said once in so long. */
const complaintIntervalMs = 1_000;

export type Relay = {
  /** Takes over a site whose events up to `mark` are known to be in the stream. */
  readonly adopt: (site: string, mark: Position, head: number) => void;
  /** Committed events, in order, right after the commit. */
  readonly offer: (site: string, events: readonly LoggedEvent[]) => void;
  readonly forget: (site: string) => void;
  /** Events committed and not yet in the stream. */
  readonly lag: () => number;
  readonly stop: () => Promise<void>;
};

export type RelayOptions = {
  readonly bus: Bus;
  readonly stream: StreamDeclaration;
  readonly readLog: (site: string, after: Position, limit: number) => Promise<readonly LoggedEvent[]>;
  /** Remembers how far each site has come, lazily: after a restart a little is published again, and dropped as known. */
  readonly saveMarks: (marks: ReadonlyMap<string, Position>) => Promise<void>;
  readonly log: Logger;
};

/** Waits, unless it is aborted meanwhile. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  wait(ms, undefined, { signal }).catch(() => {});

type SiteRoad = { epoch: number; mark: number; head: number; queue: LoggedEvent[] };

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
  },
});

/**
 * Carries committed events to the stream, in each site's order: from memory right after the commit, and from the log after a
 * restart, an overflow or a lost stream. The log is the outbox, so nothing here has to survive. Each site goes at its own pace.
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
  let queued = 0;
  let complainedAtMs = Number.NEGATIVE_INFINITY;
  let making: Promise<void> | undefined;

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
    unsaved.set(site, { epoch: road.epoch, pos: road.mark });
  };

  const publish = async (site: string, road: SiteRoad, events: readonly LoggedEvent[]) => {
    await carried.run(() => publishInOrder(bus, events.map(outgoing)));
    if (roads.get(site) === road) passed(site, road, events);
  };

  const publishFromLog = async (site: string, road: SiteRoad) => {
    const events = await options.readLog(site, { epoch: road.epoch, pos: road.mark }, sliceMax);
    if (events[0]?.pos !== road.mark + 1)
      throw new Fault("internal", `the log of ${site} has no event ${road.epoch}:${road.mark + 1}`);
    await publish(site, road, events);
  };

  const carrySlice = (site: string, road: SiteRoad): Promise<void> => {
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

  /** A deleted stream is made anew, once for all sites that miss it; consumers fill what they lost from operations. */
  const makeStream = (): Promise<void> => {
    making ??= ensureStream(bus, options.stream)
      .catch((err: unknown) => log.warn({ err }, "stream not there"))
      .finally(() => {
        making = undefined;
      });
    return making;
  };

  const isBehind = ({ mark, head }: SiteRoad): boolean => mark < head;
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
        await makeStream();
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

  return {
    adopt: (site, mark, head) => {
      const before = roads.get(site);
      if (before !== undefined) clear(before);
      roads.set(site, { epoch: mark.epoch, mark: mark.pos, head, queue: [] });
      begin(site);
    },
    offer: (site, events) => {
      const road = roads.get(site);
      const last = events.at(-1);
      if (road === undefined || last === undefined) return;
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
    lag: () => behind().reduce((sum, { mark, head }) => sum + head - mark, 0),
    stop: async () => {
      stopping.abort();
      clearInterval(saving);
      await Promise.all(underway.values());
      await save();
    },
  };
};
