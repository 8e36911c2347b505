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

/** Events kept in memory between commit and stream; what does not fit is read from the log again. */
const queuedEventsMax = 10_000;
const sliceMax = 500;
const retryFirstMs = 50;
const retryMaxMs = 2_000;
const markIntervalMs = 1_000;

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
 * restart, an overflow or a lost stream. The log is the outbox, so nothing here has to survive.
 */
export const createRelay = (options: RelayOptions): Relay => {
  const { bus, log } = options;
  const roads = new Map<string, SiteRoad>();
  const unsaved = new Map<string, Position>();
  let queued = 0;
  let stopped = false;
  let wake: () => void = () => {};

  const clear = (road: SiteRoad) => {
    queued -= road.queue.length;
    road.queue = [];
  };

  const nextOf = async (site: string, road: SiteRoad): Promise<readonly LoggedEvent[]> => {
    if (road.queue[0] !== undefined && road.queue[0].pos === road.mark + 1)
      return road.queue.slice(0, sliceMax);
    clear(road);
    return options.readLog(site, { epoch: road.epoch, pos: road.mark }, sliceMax);
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

  const carry = async (site: string, road: SiteRoad) => {
    const events = await nextOf(site, road);
    if (events[0]?.pos !== road.mark + 1)
      throw new Fault("internal", `the log of ${site} has no event ${road.epoch}:${road.mark + 1}`);
    await publishInOrder(bus, events.map(outgoing));
    if (roads.get(site) === road) passed(site, road, events);
  };

  const behind = () => [...roads].filter(([, road]) => road.mark < road.head);

  const loop = async () => {
    let retryMs = retryFirstMs;
    while (!stopped) {
      const work = behind();
      if (work.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      try {
        // All have ended before any starts again: a site's events never travel twice at the same time.
        const carried = await Promise.allSettled(work.map(([site, road]) => carry(site, road)));
        const failed = carried.find((result) => result.status === "rejected");
        if (failed !== undefined) throw failed.reason;
        retryMs = retryFirstMs;
      } catch (err) {
        log.warn({ err, behind: work.length }, "events not published, trying again");
        await new Promise((resolve) => setTimeout(resolve, retryMs));
        retryMs = Math.min(retryMs * 2, retryMaxMs);
        // A deleted stream is made anew; consumers fill what they missed from operations.
        await ensureStream(bus, options.stream).catch((error: unknown) =>
          log.warn({ err: error }, "stream not there"),
        );
      }
    }
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
  const running = loop();

  return {
    adopt: (site, mark, head) => {
      roads.set(site, { epoch: mark.epoch, mark: mark.pos, head, queue: [] });
      wake();
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
      wake();
    },
    forget: (site) => {
      const road = roads.get(site);
      if (road === undefined) return;
      clear(road);
      roads.delete(site);
    },
    lag: () => behind().reduce((sum, [, road]) => sum + road.head - road.mark, 0),
    stop: async () => {
      stopped = true;
      wake();
      clearInterval(saving);
      await running;
      await save();
    },
  };
};
