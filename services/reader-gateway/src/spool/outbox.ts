import { type Bus, ensureStream, publishInOrder } from "@tagwire/bus";
import { Observations, type SiteId } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { Sql } from "../store/database.ts";
import { findAfter, type SpooledObservation } from "../store/observations.ts";
import { lettersOf } from "./observation-messages.ts";

export const outboxLimits = {
  /** Observations of one site that are said and not yet taken; the rest waits in Postgres. */
  unconfirmedMax: 5_000,
  /** When an observation is said again that operations has not taken: doubling from the first to the last, in ms. */
  repeatMsFirst: 2_000,
  repeatMsMax: 30_000,
  /** The pause after the bus or the store failed, doubling, in ms. */
  retryDelayMsFirst: 100,
  retryDelayMsMax: 5_000,
  /** How long stopping waits for what is being said; it is said again by the next owner otherwise. */
  stopTimeoutMs: 1_000,
  /** How often Postgres is read from the beginning again, in ms: a former owner's last save may have come in late. */
  lookAgainMs: 60_000,
  /** How many observations one statement reads then. */
  lookAgainRowsMax: 1_000,
} as const;

export type OutboxOptions = {
  readonly site: SiteId;
  readonly sql: Sql;
  readonly bus: Bus;
  readonly log: Logger;
  readonly unconfirmedMax?: number;
};

export type Outbox = {
  /** Observations that were just kept, in their order. */
  readonly offer: (observations: readonly SpooledObservation[]) => void;
  /** There is more in Postgres than was offered. */
  readonly lookBehind: () => void;
  /** Operations has taken these. */
  readonly confirm: (ids: readonly string[]) => void;
  /** How many are said or about to be, and not confirmed. */
  readonly unconfirmed: () => number;
  readonly stop: () => Promise<void>;
};

type Waiting = { readonly row: SpooledObservation; attempt: number; dueMs: number };

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

/** How long after its `attempt`th saying an observation is said again, in ms. */
export const repeatDelayMs = (attempt: number): number =>
  Math.min(outboxLimits.repeatMsMax, outboxLimits.repeatMsFirst * 2 ** Math.min(attempt - 1, 10));

/**
 * Says a site's observations, in the order in which they were heard, until operations has taken them.
 *
 * From memory right after they were kept, and from Postgres after a restart, a takeover or when too many are unconfirmed.
 * The stream may be lost at any time: it is made again, and what was in it is said again when nobody confirms it.
 */
export const createOutbox = (options: OutboxOptions): Outbox => {
  const { site, sql, bus, log } = options;
  const unconfirmedMax = options.unconfirmedMax ?? outboxLimits.unconfirmedMax;
  const waiting = new Map<string, Waiting>();
  /** Everything up to here was looked at; `newestSeq` is the last that is known to be in Postgres. */
  let seenSeq = 0;
  let newestSeq = 0;
  /** Until Postgres was read to its end, what is offered comes from there, so that the order stays. */
  let behind = true;
  let lookBackDue = false;
  let stopped = false;
  let poked = false;
  let wake: () => void = () => {};

  const poke = () => {
    poked = true;
    wake();
  };
  const sleep = (ms: number, until: () => boolean) =>
    new Promise<void>((resolve) => {
      if (until()) return resolve();
      const timer = setTimeout(resolve, Math.max(0, ms));
      timer.unref();
      wake = () => {
        if (!until()) return;
        clearTimeout(timer);
        resolve();
      };
    });

  const hold = (row: SpooledObservation) => {
    seenSeq = Math.max(seenSeq, row.seq);
    if (!waiting.has(row.observation.id)) waiting.set(row.observation.id, { row, attempt: 1, dueMs: 0 });
  };

  const catchUp = async () => {
    while (behind && waiting.size < unconfirmedMax) {
      const newest = newestSeq;
      const limit = unconfirmedMax - waiting.size;
      const rows = await findAfter(sql, site, { afterSeq: seenSeq, limit });
      for (const row of rows) hold(row);
      // What was offered while the statement ran may be newer than what it saw.
      if (rows.length < limit && newest === newestSeq) behind = false;
    }
  };

  /**
   * Looks among everything that was seen for what came in late. Pages are of one size, however little room there is: nearly all
   * that is found is held already.
   */
  const lookBack = async () => {
    const toSeq = seenSeq;
    let afterSeq = 0;
    while (lookBackDue && waiting.size < unconfirmedMax) {
      const rows = await findAfter(sql, site, { afterSeq, limit: outboxLimits.lookAgainRowsMax });
      for (const row of rows.filter(({ seq }) => seq <= toSeq)) {
        if (waiting.size >= unconfirmedMax && !waiting.has(row.observation.id)) return;
        hold(row);
      }
      afterSeq = rows.at(-1)?.seq ?? toSeq;
      if (afterSeq >= toSeq) lookBackDue = false;
    }
  };

  const publish = async (due: readonly Waiting[]) => {
    const letters = lettersOf(site, due);
    try {
      await publishInOrder(
        bus,
        letters.map(({ message }) => message),
      );
    } finally {
      for (const letter of letters) letter.end();
    }
    const now = performance.now();
    for (const one of due) {
      one.dueMs = now + repeatDelayMs(one.attempt);
      one.attempt += 1;
    }
  };

  /** One round: catches up, says what is due, and gives how long nothing will be due. */
  const round = async (): Promise<number> => {
    await catchUp();
    await lookBack();
    const now = performance.now();
    const due = [...waiting.values()].filter(({ dueMs }) => dueMs <= now);
    if (due.length > 0) {
      await publish(due);
      return 0;
    }
    let next = Number.POSITIVE_INFINITY;
    for (const { dueMs } of waiting.values()) next = Math.min(next, dueMs);
    return Math.min(next - now, outboxLimits.repeatMsMax);
  };

  const recover = async (err: unknown, retryDelayMs: number) => {
    log.warn({ err, site, retryDelayMs }, "observations not sent yet");
    // The client would queue requests for a server that is away, without a bound: wait for it instead.
    if (bus.isConnected())
      await ensureStream(bus, Observations).catch((error: unknown) =>
        log.warn({ err: error }, "stream not made"),
      );
    await sleep(retryDelayMs, () => stopped);
  };

  const run = async () => {
    let retryDelayMs: number = outboxLimits.retryDelayMsFirst;
    while (!stopped) {
      try {
        if (!bus.isConnected()) throw new Error("the bus is away");
        poked = false;
        const idleMs = await round();
        retryDelayMs = outboxLimits.retryDelayMsFirst;
        if (idleMs > 0) await sleep(idleMs, () => poked || stopped);
      } catch (err) {
        await recover(err, retryDelayMs);
        retryDelayMs = Math.min(retryDelayMs * 2, outboxLimits.retryDelayMsMax);
      }
    }
  };
  const running = run();
  const lookAgain = setInterval(() => {
    lookBackDue = true;
    behind = true;
    poke();
  }, outboxLimits.lookAgainMs);
  lookAgain.unref();

  return {
    offer: (observations) => {
      const last = observations.at(-1);
      if (last === undefined) return;
      newestSeq = Math.max(newestSeq, last.seq);
      if (waiting.size + observations.length > unconfirmedMax) behind = true;
      if (!behind) for (const row of observations) hold(row);
      poke();
    },
    lookBehind: () => {
      newestSeq += 1;
      behind = true;
      poke();
    },
    confirm: (ids) => {
      for (const id of ids) waiting.delete(id);
      if (behind || lookBackDue) poke();
    },
    unconfirmed: () => waiting.size,
    stop: async () => {
      stopped = true;
      clearInterval(lookAgain);
      wake();
      await Promise.race([running, pause(outboxLimits.stopTimeoutMs)]);
    },
  };
};
