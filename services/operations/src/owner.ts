import { claimLeases, createRelay, type Leases, supervise } from "@tagwire/actor";
import {
  answerOn,
  type Bus,
  ensureStream,
  follow,
  type Heard,
  park,
  type Subscription,
  say,
} from "@tagwire/bus";
import {
  Command,
  Events,
  Fault,
  headIntervalMs,
  headSubject,
  type Observation,
  ObservationBatch,
  Observations,
  partitionOf,
  takenSubject,
} from "@tagwire/messages";
import { meter } from "@tagwire/service";
import type { Sql } from "@tagwire/store";
import type { Logger } from "pino";
import { Compile } from "typebox/compile";
import type { Act } from "./actors/act.ts";
import { answerCommand } from "./answers/commands.ts";
import { readEvents } from "./store/events.ts";
import { saveRelayMarks, sitesOfPartition } from "./store/sites.ts";
import { createSiteTurns, type SiteTurns } from "./turns.ts";

/** Observations on their way through turns at one time; beyond it the stream waits. */
const observationsInFlightMax = 2_000;
/** How far back a new owner reads observations: what is older and not taken is said again by its reader-gateway. */
const observationsSinceMs = 30_000;
const resubscribeDelayMs = 50;

const commandCheck = Compile(Command);
const batchCheck = Compile(ObservationBatch);

/** An observation is a touch: the tag was at this place. Its identity is the scan's, so a repeat is a replay. */
const actOf = (observation: Observation, reader: string, receivedAt: string): Act => ({
  kind: "scan",
  id: observation.id.toLowerCase(),
  scan: {
    id: observation.id.toLowerCase(),
    tag: observation.tag,
    type: "touch",
    scannedAt: observation.lastHeardAt,
    ...(observation.place === null ? {} : { place: observation.place }),
  },
  origin: {
    by: { reader, antenna: observation.antenna },
    receivedAt,
    traceparent: observation.traceparent,
  },
  evidence: { reads: observation.reads, peakRssiDbm: observation.peakRssiDbm },
});

/** Resolves once the signal has aborted, also when it did so before anybody asked. */
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

export type Owner = {
  readonly leases: Leases;
  readonly turns: SiteTurns;
  readonly relayLag: () => number;
  readonly stop: () => Promise<void>;
};

/**
 * What this process does for the partitions it owns: answers their commands, takes their observations, relays their events and
 * says their heads.
 */
export const startOwner = async (options: {
  sql: Sql;
  bus: Bus;
  owner: string;
  log: Logger;
  leaseTtlMs?: number;
}): Promise<Owner> => {
  const { sql, bus, owner, log } = options;
  await ensureStream(bus, Events);
  await ensureStream(bus, Observations);

  let leases: Leases | undefined;
  const leasesOrNone = (): Leases => {
    if (leases === undefined) throw new Fault("unavailable", "starting");
    return leases;
  };
  const relay = createRelay({
    bus,
    stream: Events,
    readLog: (site, after, limit) => readEvents(sql, site, after, limit),
    saveMarks: (marks) => saveRelayMarks(sql, marks),
    log,
  });
  const turns = createSiteTurns({ sql, owner, leases: leasesOrNone, relay, now: Date.now, log });

  /* ---- commands ---- */

  const subscriptions = new Map<number, Subscription>();

  const hearCommands = (partition: number): Subscription =>
    answerOn(bus, { subject: `commands.${partition}.*` }, async (body, message) => {
      if (!commandCheck.Check(body)) throw new Fault("malformed", "command");
      const site = message.subject.split(".")[2] ?? "";
      return answerCommand(turns, site, body);
    });

  /* ---- observations ---- */

  let inFlight = 0;
  let landed: () => void = () => {};
  let restart: AbortController = new AbortController();

  const takeObservations = async (heard: Heard, batch: ObservationBatch) => {
    const [, , site = "", reader = ""] = heard.subject.split(".");
    const receivedAt = new Date().toISOString();
    const answer = await turns.tell(site, {
      kind: "acts",
      acts: batch.observations.map((one) => actOf(one, reader, receivedAt)),
    });
    const answers = !(answer instanceof Fault) && "answers" in answer ? answer.answers : [];
    const taken = answers.flatMap((answer) =>
      answer instanceof Fault ? [] : [{ id: answer.receipt.id, outcome: answer.receipt.outcome }],
    );
    if (taken.length > 0) say(bus, takenSubject(site, reader), { taken });
  };

  const hearObservation = async (heard: Heard) => {
    let body: unknown;
    try {
      body = JSON.parse(new TextDecoder().decode(heard.data));
    } catch (error) {
      return park(bus, {
        service: "operations",
        reason: "unreadable",
        subject: heard.subject,
        data: heard.data,
        error,
      });
    }
    if (!batchCheck.Check(body)) {
      const error = new Fault("bus.malformed", heard.subject);
      return park(bus, {
        service: "operations",
        reason: "malformed",
        subject: heard.subject,
        data: heard.data,
        error,
      });
    }
    const count = body.observations.length;
    inFlight += count;
    // What fails here is not taken, so its reader-gateway says it again.
    void takeObservations(heard, body)
      .catch((err: unknown) => log.warn({ err, subject: heard.subject }, "observations not taken"))
      .finally(() => {
        inFlight -= count;
        landed();
      });
    while (inFlight > observationsInFlightMax) {
      await new Promise<void>((resolve) => {
        landed = resolve;
      });
    }
  };

  const followObservations = async (stopping: AbortSignal) => {
    const ended = AbortSignal.any([stopping, restart.signal]);
    const subjects = [...subscriptions.keys()]
      .sort((a, b) => a - b)
      .map((partition) => `observations.${partition}.*.*`);
    if (subjects.length === 0) return aborted(ended);
    await ensureStream(bus, Observations);
    const source = await follow(bus, {
      stream: Observations.name,
      subjects,
      from: { sinceMs: observationsSinceMs },
    });
    // Ownership may have changed while the consumer was made: an abort that has already come counts too.
    void aborted(ended).then(source.stop);
    if (ended.aborted) return;
    for await (const heard of source.messages) {
      if (ended.aborted) return;
      await hearObservation(heard);
    }
  };

  let pendingRestart: NodeJS.Timeout | undefined;
  const ownershipChanged = () => {
    // Partitions come and go in bursts: one new consumer serves them all.
    pendingRestart ??= setTimeout(() => {
      pendingRestart = undefined;
      const before = restart;
      restart = new AbortController();
      before.abort();
    }, resubscribeDelayMs);
  };
  const observing = supervise({
    name: "observations",
    run: followObservations,
    log,
    backoff: { firstMs: 20, maxMs: 2_000, resetAfterMs: 1_000 },
  });

  /* ---- ownership ---- */

  const gained = async (partition: number) => {
    const owned = await sitesOfPartition(sql, partition);
    for (const { site, head, relayed } of owned) {
      turns.forget(site);
      turns.adopt(site, head);
      relay.adopt(site, relayed, head.pos);
    }
    subscriptions.set(partition, hearCommands(partition));
    ownershipChanged();
  };

  const lost = async (partition: number) => {
    await subscriptions.get(partition)?.stop();
    subscriptions.delete(partition);
    for (const site of [...turns.heads().keys()].filter((one) => partitionOf(one) === partition)) {
      await turns.drop(site, new Fault("unavailable", site));
      turns.forget(site);
    }
    ownershipChanged();
  };

  /* ---- heads ---- */

  const sayHeads = setInterval(() => {
    const at = new Date().toISOString();
    for (const [site, { epoch, pos, hash }] of turns.heads()) {
      if (pos > 0) say(bus, headSubject(site), { epoch, pos, hash, at });
    }
  }, headIntervalMs);

  leases = await claimLeases({
    sql,
    owner,
    log,
    gained,
    lost,
    ...(options.leaseTtlMs === undefined ? {} : { ttlMs: options.leaseTtlMs }),
  });
  const held = leases;
  meter()
    .createObservableGauge("tagwire_partitions_owned", { description: "partitions this process owns" })
    .addCallback((result) => result.observe(held.owned().length));
  meter()
    .createObservableGauge("tagwire_relay_lag_events", {
      description: "events committed and not yet in the stream",
    })
    .addCallback((result) => result.observe(relay.lag()));
  meter()
    .createObservableGauge("tagwire_mailbox_acts", { description: "acts waiting for their turn" })
    .addCallback((result) => result.observe(turns.waiting()));

  return {
    leases: held,
    turns,
    relayLag: relay.lag,
    stop: async () => {
      clearTimeout(pendingRestart);
      clearInterval(sayHeads);
      await observing.stop();
      await held.stop();
      await relay.stop();
    },
  };
};
