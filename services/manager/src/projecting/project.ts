import { type Projection, type ProjectionOptions, runProjection, type Transaction } from "@tagwire/actor";
import { type Bus, SpanKind, startSpan, traceIdOf, traceparentOf } from "@tagwire/bus";
import { Events, Fault, type LoggedEvent } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { inTransaction, migrate, type Sql } from "@tagwire/store";
import { boardNames, boardTables } from "../boards/boards.ts";
import { migrations, schema } from "../store/migrations.ts";
import { forgetOutdated, forgetSite } from "../store/sites.ts";
import { type AppliedSite, applyBatch } from "./batch.ts";
import { createLiveVoice } from "./live-voice.ts";
import type { Meters } from "./meters.ts";
import { operationsLog } from "./operations-log.ts";
import { createRebuilds } from "./rebuilds.ts";

export type ProjectOptions = {
  readonly bus: Bus;
  readonly sql: Sql;
  readonly databaseUrl: string;
  readonly meters: Pick<Meters, "applied" | "said">;
  /** The one partition that all managers share: whoever holds it projects. */
  readonly lease: { readonly owner: string; readonly epoch: number; readonly lose: () => void };
  readonly applied: (newest: LoggedEvent) => void;
  readonly log: Logger;
};

type Span = ReturnType<typeof startSpan>;

/**
 * While a site is further behind than this, nothing is said of it: whoever shows it sees from the next message that it missed
 * some, and asks for a snapshot, which is less than everything that happened meanwhile.
 */
const newsEventsMax = 5_000;

/** A run of events that is written and waits for its commit. */
type Staged = {
  readonly span: Span;
  readonly events: readonly LoggedEvent[];
  readonly sites: readonly AppliedSite[];
};

/** All events of one report or command have one cause, and go on in its trace; a batch of several causes links to them. */
const spanOf = (events: readonly LoggedEvent[]): Span => {
  const causes = [...new Set(events.map(({ traceparent }) => traceparent))];
  const [cause] = causes;
  const options = {
    kind: SpanKind.CONSUMER,
    attributes: {
      "messaging.system": "nats",
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
      "messaging.destination.name": Events.name,
      "messaging.batch.message_count": events.length,
      // A span keeps a bounded number of links: this says how many there ought to be.
      "tagwire.causes": causes.length,
    },
  };
  return causes.length === 1
    ? startSpan("process events", { ...options, parent: cause })
    : startSpan("process events", { ...options, links: causes });
};

const holdLease = async (transaction: Transaction, { owner, epoch, lose }: ProjectOptions["lease"]) => {
  // The lock keeps the lease in place until this commits: nobody can take over between the look and the write.
  const [row] = await transaction`
    select 1 from partition where partition = 0 and owner = ${owner} and epoch = ${epoch} for share`;
  if (row !== undefined) return;
  lose();
  throw new Fault("lease.lost", "another manager projects now");
};

/** Runs the projection of this manager until stopped: rows in the store, and what changed said to whoever shows it live. */
export const project = (options: ProjectOptions): Projection => {
  const { bus, sql, databaseUrl, meters, lease, log } = options;
  const control = new AbortController();
  const voice = createLiveVoice(bus, meters.said);
  const rebuilds = createRebuilds(operationsLog(bus, control.signal));
  const staged: Staged[] = [];

  const apply: ProjectionOptions["apply"] = async (transaction, events) => {
    const span = spanOf(events);
    try {
      staged.push({ span, events, sites: await applyBatch(transaction, events, Date.now()) });
    } catch (error) {
      span.recordException(error instanceof Error ? error : new Error(String(error)));
      span.end();
      throw error;
    }
  };

  const fence: ProjectionOptions["fence"] = async (transaction) => {
    // A transaction begins: what is still staged belongs to one that never committed.
    for (const { span, sites } of staged.splice(0)) {
      span.end();
      // It may have committed all the same and was never said: what is said next must not claim to follow what was said before.
      for (const { site } of sites) voice.forget(site);
    }
    await holdLease(transaction, lease);
    await rebuilds.load(transaction);
  };

  const isNews = ({ site, events }: AppliedSite): boolean => {
    const newest = events.at(-1);
    return newest !== undefined && !rebuilds.isUnderWay(site, newest) && running.lagOf(site) <= newsEventsMax;
  };

  const tell = (run: Staged) => {
    // Whoever shows this continues our span, which knows the causes: so we are on the road from any of them to the screen.
    const traceparent = traceparentOf(run.span);
    for (const site of run.sites) {
      if (isNews(site)) voice.tell(site, [traceparent]);
      else voice.passOver(site);
    }
    run.span.end();
    const traceId = traceIdOf(traceparent);
    log.debug({ traceId, events: run.events.length, newest: run.events.at(-1)?.pos }, "events applied");
    const newest = run.events.at(-1);
    if (newest !== undefined) options.applied(newest);
  };

  const running = runProjection({
    name: "manager",
    bus,
    sql,
    stream: Events,
    subjects: ["events.>"],
    ...rebuilds.log,
    apply,
    reset: async (transaction, site) => {
      await forgetSite(transaction, site, { tables: boardTables, boards: boardNames });
      await rebuilds.begin(transaction, site);
      voice.forget(site);
    },
    fence,
    begin: () =>
      inTransaction(sql, async (transaction) => {
        await holdLease(transaction, lease);
        const sites = await forgetOutdated(transaction, boardNames);
        if (sites.length > 0) log.warn({ sites }, "rows are of another release, making them anew");
      }),
    committed: (events) => {
      meters.applied(events.length);
      for (const run of staged.splice(0)) tell(run);
    },
    migrate: () => migrate(databaseUrl, schema, migrations),
    log,
  });
  return {
    ...running,
    stop: async () => {
      control.abort();
      await running.stop();
    },
  };
};
