import type { LoggedEvent } from "@tagwire/messages";
import { inTransaction, type Sql, type Transaction } from "@tagwire/store";
import type { Logger } from "pino";
import postgres from "postgres";
import type { Positions } from "./positions.ts";

export type { Transaction } from "@tagwire/store";

export type ApplierOptions = {
  readonly name: string;
  readonly sql: Sql;
  readonly positions: Positions;
  readonly apply: (transaction: Transaction, events: readonly LoggedEvent[]) => Promise<void>;
  readonly reset: (transaction: Transaction, site: string) => Promise<void>;
  readonly fence: (transaction: Transaction) => Promise<void>;
  readonly committed: (events: readonly LoggedEvent[]) => void;
  readonly log: Logger;
};

export type Applier = {
  /** Reads positions and parked keys from the store. */
  readonly load: () => Promise<void>;
  readonly resumeFrom: () => Promise<number>;
  /** Applies events that follow their positions; `sequence` moves the checkpoint in the same transaction. */
  readonly applyDense: (events: readonly LoggedEvent[], sequence?: number) => Promise<void>;
  readonly startEpoch: (site: string, epoch: number) => Promise<void>;
};

// Data exceptions, constraint violations and our own errors are the event's fault; anything else is the world's and is retried.
const isTheEventsFault = (error: unknown): boolean =>
  error instanceof postgres.PostgresError
    ? /^(22|23)/.test(error.code)
    : !(error instanceof Error && "code" in error);

/** What later events wait behind: they are about the same thing. */
const keyOf = ({ tag, contract, session, type }: LoggedEvent): string => tag ?? contract ?? session ?? type;

/** Where each site stands after some events. */
const lastOf = (events: readonly LoggedEvent[]) => {
  const last = new Map<string, LoggedEvent>();
  for (const event of events) last.set(event.site, event);
  return [...last.values()].map(({ site, epoch, pos, hash }) => ({ site, epoch, pos, hash }));
};

// Postgres holds no NUL in text. What is parked is often odd, and must not fail at being put aside.
const storable = (text: string): string => text.replaceAll("\u0000", "\ufffd");

/**
 * Writes events and their positions in one transaction. An event that cannot be applied is parked in the transaction that passes it;
 * later events of the same key wait behind it, so its order is kept; all others flow.
 */
export const createApplier = (options: ApplierOptions): Applier => {
  const { name, sql, positions, log } = options;
  const parkedKeys = new Set<string>();
  const parkedKey = (event: LoggedEvent) => `${event.site}\u0000${storable(keyOf(event))}`;

  const savePositions = async (
    transaction: Transaction,
    events: readonly LoggedEvent[],
    sequence: number,
  ) => {
    const rows = lastOf(events);
    // Both are on their way before either is awaited: one round trip.
    await Promise.all([
      rows.length > 0 &&
        transaction`
          insert into site_position (site, epoch, pos, hash)
          select site, epoch, pos, hash from json_to_recordset(${JSON.stringify(rows)}::text::json) as given (site text, epoch bigint, pos bigint, hash text)
          on conflict (site) do update set epoch = excluded.epoch, pos = excluded.pos, hash = excluded.hash`,
      sequence > 0 &&
        transaction`
          insert into checkpoint (name, sequence) values (${name}, ${sequence})
          on conflict (name) do update set sequence = excluded.sequence`,
    ]);
  };

  /** Puts events aside, in one statement however many they are. */
  const park = async (transaction: Transaction, events: readonly LoggedEvent[], error: string) => {
    const rows = events.map((event) => ({
      site: event.site,
      epoch: event.epoch,
      pos: event.pos,
      key: storable(keyOf(event)),
      // As text within the text: the event is kept to the letter.
      event: JSON.stringify(event),
      error: storable(error),
    }));
    await transaction`
      insert into parked (site, epoch, pos, key, event, error)
      select site, epoch, pos, key, event::json, error from unnest(
        ${rows.map(({ site }) => site)}::text[], ${rows.map(({ epoch }) => epoch)}::bigint[],
        ${rows.map(({ pos }) => pos)}::bigint[], ${rows.map(({ key }) => key)}::text[],
        ${rows.map(({ event }) => event)}::text[], ${rows.map(({ error }) => error)}::text[]
      ) as given (site, epoch, pos, key, event, error)
      on conflict do nothing`;
  };

  /** Moves memory behind what a transaction committed. */
  const moved = (events: readonly LoggedEvent[], applied: readonly LoggedEvent[]) => {
    for (const { site, ...last } of lastOf(events)) positions.set(site, last);
    if (applied.length > 0) options.committed(applied);
  };

  /** Applies all of a run but what waits behind a parked event, in one transaction. */
  const commit = async (events: readonly LoggedEvent[], sequence: number) => {
    const free = events.filter((event) => !parkedKeys.has(parkedKey(event)));
    const waiting = events.filter((event) => parkedKeys.has(parkedKey(event)));
    await inTransaction(sql, async (transaction) => {
      await options.fence(transaction);
      if (waiting.length > 0)
        await park(transaction, waiting, "waits behind an earlier event that is parked");
      if (free.length > 0) await options.apply(transaction, free);
      await savePositions(transaction, events, sequence);
    });
    if (waiting.length > 0) log.error({ events: waiting.length }, "events parked behind a parked one");
    moved(events, free);
  };

  const commitParked = async (event: LoggedEvent, sequence: number, error: unknown) => {
    await inTransaction(sql, async (transaction) => {
      await options.fence(transaction);
      await park(transaction, [event], String(error));
      await savePositions(transaction, [event], sequence);
    });
    parkedKeys.add(parkedKey(event));
    log.error({ err: error, site: event.site, pos: event.pos, type: event.type }, "event parked");
    moved([event], []);
  };

  /**
   * Applies what can be applied, in its order. What cannot is found by halves, so that one bad event in a long run costs a
   * few attempts more. Each attempt is a transaction of its own: none takes longer than a run without a bad event does.
   */
  const commitByHalves = async (events: readonly LoggedEvent[], sequence: number): Promise<void> => {
    try {
      await commit(events, sequence);
    } catch (error) {
      const [first] = events;
      if (first === undefined || !isTheEventsFault(error)) throw error;
      if (events.length === 1) return commitParked(first, sequence, error);
      const half = Math.ceil(events.length / 2);
      // The checkpoint moves with the last part only: reading goes on behind what is applied.
      await commitByHalves(events.slice(0, half), 0);
      await commitByHalves(events.slice(half), sequence);
    }
  };

  return {
    load: async () => {
      const rows = await sql<
        { site: string; epoch: number; pos: number; hash: string }[]
      >`select site, epoch, pos, hash from site_position`;
      positions.replace(rows.map(({ site, epoch, pos, hash }) => [site, { epoch, pos, hash }] as const));
      parkedKeys.clear();
      for (const { site, key } of await sql<
        { site: string; key: string }[]
      >`select distinct site, key from parked`) {
        parkedKeys.add(`${site}\u0000${key}`);
      }
    },
    resumeFrom: async () => {
      const [row] = await sql<{ sequence: number }[]>`select sequence from checkpoint where name = ${name}`;
      return row?.sequence ?? 0;
    },
    applyDense: async (given, sequence = 0) => {
      // Pages from the log may overlap what is applied already.
      const { ready: events } = positions.sort(given);
      if (events.length === 0 && sequence === 0) return;
      await commitByHalves(events, sequence);
    },
    startEpoch: async (site, epoch) => {
      if (positions.of(site).pos > 0) log.warn({ site, epoch }, "history began anew, starting over");
      await inTransaction(sql, async (transaction) => {
        await options.fence(transaction);
        await options.reset(transaction, site);
        await transaction`
          insert into site_position (site, epoch, pos, hash) values (${site}, ${epoch}, 0, '')
          on conflict (site) do update set epoch = excluded.epoch, pos = 0, hash = ''`;
        await transaction`delete from parked where site = ${site}`;
      });
      for (const key of parkedKeys) if (key.startsWith(`${site}\u0000`)) parkedKeys.delete(key);
      positions.set(site, { epoch, pos: 0, hash: "" });
    },
  };
};
