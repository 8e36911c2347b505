import { type Bus, ensureStream, follow, type Heard, hear, park } from "@tagwire/bus";
import { Head, LoggedEvent, type Position, positionText, type StreamDeclaration } from "@tagwire/messages";
import { isSchemaMissing, type Migration, type Sql } from "@tagwire/store";
import type { Logger } from "pino";
import { Compile } from "typebox/compile";
import { createApplier, type Transaction } from "./apply.ts";
import { createPositions } from "./positions.ts";
import { type LogPage, readAhead } from "./read-ahead.ts";
import { supervise } from "./supervise.ts";

/**
 * A projection is an ordered reader and a checkpoint in the same transaction as its rows: exactly-once effect, without
 * acknowledgements, redelivery or an inbox table. `site_position` says what is applied; the stream's sequence only says
 * where to resume reading, never what is true.
 */
export const projectionTables: Migration = {
  name: "actor-projection-1",
  sql: `
    create table checkpoint (name text primary key, sequence bigint not null);
    create table site_position (site text primary key, epoch bigint not null, pos bigint not null, hash text not null);
    create table parked (
      site text not null, epoch bigint not null, pos bigint not null, key text not null,
      event json not null, error text not null, parked_at timestamptz not null default now(),
      primary key (site, epoch, pos)
    );
  `,
};

export type ProjectionOptions = {
  readonly name: string;
  readonly bus: Bus;
  readonly sql: Sql;
  readonly stream: StreamDeclaration;
  readonly subjects: readonly string[];
  /** The authority behind the stream: every hole is filled from here. Pages are dense and in order. */
  readonly readLog: (site: string, after: Position) => Promise<LogPage>;
  readonly listSites: () => Promise<
    readonly { readonly id: string; readonly epoch: number; readonly pos: number }[]
  >;
  /** Writes a batch, set-based, within the transaction that also moves the positions. */
  readonly apply: (transaction: Transaction, events: readonly LoggedEvent[]) => Promise<void>;
  /** Forgets everything of a site, because its history began anew. */
  readonly reset: (transaction: Transaction, site: string) => Promise<void>;
  /** Throws when another process has taken over; runs inside every transaction. */
  readonly fence: (transaction: Transaction) => Promise<void>;
  /** After the commit, with what was applied. */
  readonly committed: (events: readonly LoggedEvent[]) => void;
  /** Before the positions are read, whenever the projection begins: what it finds there is where it goes on. */
  readonly begin: () => Promise<void>;
  /** Makes the schema again when it was dropped under us. */
  readonly migrate: () => Promise<void>;
  readonly log: Logger;
};

export type Projection = {
  readonly positions: () => ReadonlyMap<string, Position>;
  /** Events known to exist and not yet applied. */
  readonly lag: () => number;
  /** The same of one site. */
  readonly lagOf: (site: string) => number;
  /** Whether everything that existed when it started has been applied. */
  readonly isCaughtUp: () => boolean;
  readonly stop: () => Promise<void>;
};

const batchEventsMax = 1_000;
const inboxEventsMax = 4_000;
const healIntervalMs = 1_000;
/** A site whose log contradicts itself is looked at again after this long; the others flow meanwhile. */
const brokenLogRetryMs = 10_000;

const eventCheck = Compile(LoggedEvent);
const headCheck = Compile(Head);

const readEvent = ({ data }: Heard): LoggedEvent => {
  const event: unknown = JSON.parse(new TextDecoder().decode(data));
  if (!eventCheck.Check(event)) throw new Error("not an event");
  return event;
};

type Entry = { readonly event: LoggedEvent | undefined; readonly sequence: number };

/** Runs a projection until stopped: follows the stream, fills holes from the log, survives lost streams and dropped schemas. */
export const runProjection = (options: ProjectionOptions): Projection => {
  const { bus, log, stream } = options;
  const positions = createPositions();
  const applier = createApplier({ ...options, positions });
  const heads = new Map<string, Position>();
  let inbox: Entry[] = [];
  const brokenSince = new Map<string, number>();
  let caughtUp = false;
  let wake: () => void = () => {};
  let room: () => void = () => {};

  const pull = async (signal: AbortSignal) => {
    await ensureStream(bus, stream);
    const sequence = await applier.resumeFrom();
    const { state } = await bus.manager.streams.info(stream.name);
    // A sequence the stream has not reached yet means that its store went back: its numbers mean other messages now.
    const known = sequence > 0 && sequence <= state.last_seq && sequence + 1 >= state.first_seq;
    const source = await follow(bus, {
      stream: stream.name,
      subjects: options.subjects,
      from: known ? { sequence: sequence + 1 } : "now",
    });
    const end = () => void source.stop();
    signal.addEventListener("abort", end, { once: true });
    try {
      if (signal.aborted) return;
      for await (const message of source.messages) {
        await enter(message, signal);
        if (signal.aborted) return;
      }
      if (!signal.aborted) throw new Error("the stream ended");
    } finally {
      signal.removeEventListener("abort", end);
      // Not waited for: messages that nobody began to read never say that they have ended.
      end();
    }
  };

  const enter = async (message: Heard, signal: AbortSignal) => {
    let event: LoggedEvent | undefined;
    try {
      event = readEvent(message);
    } catch (error) {
      await park(bus, {
        service: options.name,
        reason: "unreadable",
        subject: message.subject,
        data: message.data,
        error,
      });
    }
    if (signal.aborted) return;
    inbox.push({ event, sequence: message.sequence });
    wake();
    if (inbox.length < inboxEventsMax) return;
    await new Promise<void>((resolve) => {
      room = resolve;
    });
  };

  /** Applies what the log has after a position, and says why it stopped. */
  const applyLog = async (
    site: string,
    from: Position,
    signal: AbortSignal,
  ): Promise<"at the end" | "in another epoch" | "at a contradiction"> => {
    for await (const { epoch, head, events } of readAhead((after) => options.readLog(site, after), from)) {
      if (signal.aborted) return "at the end";
      heads.set(site, { epoch, pos: head });
      if (positions.of(site).epoch !== epoch) {
        await applier.startEpoch(site, epoch);
        if (events.length === 0 && head > 0) return "in another epoch";
      }
      await applier.applyDense(events);
      const last = events.at(-1);
      if (last !== undefined && positions.of(site).pos < last.pos) return "at a contradiction";
    }
    return "at the end";
  };

  /** Reads a site from the log until the projection has what operations had when asked. */
  const healSite = async (site: string, signal: AbortSignal) => {
    if (performance.now() - (brokenSince.get(site) ?? -brokenLogRetryMs) < brokenLogRetryMs) return;
    brokenSince.delete(site);
    let startedOver = false;
    let from: Position = positions.of(site);
    for (;;) {
      const stopped = await applyLog(site, from, signal);
      if (stopped === "at the end") return;
      from = { epoch: positions.of(site).epoch, pos: 0 };
      if (stopped === "in another epoch") continue;
      if (startedOver) {
        log.error({ site, ...positions.of(site) }, "the log does not follow on from here, waiting");
        brokenSince.set(site, performance.now());
        return;
      }
      // What was applied before is not what the log says: the projection is wrong, so it is made again from the log.
      startedOver = true;
      await applier.startEpoch(site, from.epoch);
    }
  };

  const healAll = async (signal: AbortSignal) => {
    for (const { id, epoch, pos } of await options.listSites()) {
      const at = positions.of(id);
      if (at.epoch !== epoch || at.pos < pos) await healSite(id, signal);
    }
  };

  const applyInbox = async (signal: AbortSignal) => {
    const taken = inbox.splice(0, batchEventsMax);
    room();
    const sequence = taken.at(-1)?.sequence ?? 0;
    const events = taken.flatMap(({ event }) => (event === undefined ? [] : [event]));
    const { ready, holes } = positions.sort(events);
    await applier.applyDense(ready, sequence);
    for (const site of holes) await healSite(site, signal);
  };

  /**
   * What a head named a moment ago should be here by now, or at least be on its way: the road lost what stands still, so
   * operations is asked. Gives where the sites that are behind stand.
   */
  const healBehind = async (
    before: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> => {
    const behind = new Map(
      [...positions.behind(heads)].map((site) => [site, positionText(positions.of(site))]),
    );
    for (const [site, at] of behind) if (before.get(site) === at) await healSite(site, signal);
    return behind;
  };

  const nextMessage = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, healIntervalMs / 2);
      wake = end;
      signal.addEventListener("abort", end, { once: true });
    });

  const work = async (signal: AbortSignal) => {
    await options.begin();
    await applier.load();
    await healAll(signal);
    caughtUp = !signal.aborted;
    let behind: ReadonlyMap<string, string> = new Map();
    let lookedAtMs = performance.now();
    while (!signal.aborted) {
      // First of all, so that a stream that never pauses cannot keep a site waiting whose events it lost.
      if (performance.now() - lookedAtMs >= healIntervalMs) {
        behind = await healBehind(behind, signal);
        lookedAtMs = performance.now();
      } else if (inbox.length > 0) {
        await applyInbox(signal);
      } else {
        await nextMessage(signal);
      }
    }
  };

  const run = async (signal: AbortSignal) => {
    const control = new AbortController();
    const stop = () => control.abort();
    signal.addEventListener("abort", stop, { once: true });
    inbox = [];
    caughtUp = false;
    // The reader is supervised apart: without a stream the projection still learns everything from the log.
    const reading = supervise({
      name: `${options.name} reader`,
      run: pull,
      log,
      backoff: { firstMs: 100, maxMs: 2_000, resetAfterMs: 5_000 },
    });
    try {
      await work(control.signal);
    } catch (error) {
      if (isSchemaMissing(error)) await options.migrate();
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
      control.abort();
      room();
      await reading.stop();
    }
  };

  const listening = hear(bus, "head.*", (message) => {
    const head: unknown = message.json();
    const site = message.subject.slice("head.".length);
    if (headCheck.Check(head)) heads.set(site, { epoch: head.epoch, pos: head.pos });
  });
  const running = supervise({
    name: options.name,
    run,
    log,
    backoff: { firstMs: 100, maxMs: 5_000, resetAfterMs: 5_000 },
  });

  return {
    positions: () => positions.all(),
    lag: () => positions.lag(heads) + inbox.length,
    lagOf: (site) => {
      const head = heads.get(site);
      return head === undefined ? 0 : positions.lag(new Map([[site, head]]));
    },
    isCaughtUp: () => caughtUp,
    stop: async () => {
      await listening.stop();
      wake();
      room();
      await running.stop();
    },
  };
};
