import { supervise } from "@tagwire/actor";
import { type Bus, ensureStream, follow, type Heard, park, say } from "@tagwire/bus";
import { Fault, ObservationBatch, Observations, takenSubject } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { Compile } from "typebox/compile";
import { observedAct } from "./actors/observed.ts";
import type { SiteTurns } from "./turns.ts";

/** Observations on their way through turns at one time; beyond it the stream waits. */
const observationsInFlightMax = 2_000;
/** How far back a new owner reads observations: what is older and not taken is said again by its reader-gateway. */
const observationsSinceMs = 30_000;
const resubscribeDelayMs = 50;
/** A reader whose observations are not taken says them again and again; that is told once in so long. */
const complaintIntervalMs = 60_000;
const complaintsMax = 1_000;

const batchCheck = Compile(ObservationBatch);

/** Resolves once the signal has aborted, also when it did so before anybody asked. */
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

/** Gives what a message holds; undefined when nobody can read it. */
const readBatch = async (bus: Bus, { subject, data }: Heard): Promise<ObservationBatch | undefined> => {
  const parkAs = async (reason: string, error: unknown) => {
    await park(bus, { service: "operations", reason, subject, data, error });
    return undefined;
  };
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(data));
  } catch (error) {
    return parkAs("unreadable", error);
  }
  return batchCheck.Check(body) ? body : parkAs("malformed", new Fault("bus.malformed", subject));
};

export type Observing = {
  /** Says that other partitions are ours now. */
  readonly partitionsChanged: () => void;
  readonly stop: () => Promise<void>;
};

/**
 * Takes the observations of the partitions this process owns through their sites' turns, and tells their reader-gateways. What
 * fails is not told, so it is said again; what cannot be read is parked.
 */
export const observe = (options: {
  bus: Bus;
  turns: Pick<SiteTurns, "tell">;
  partitions: () => readonly number[];
  log: Logger;
}): Observing => {
  const { bus, turns, partitions, log } = options;
  const complainedAtMs = new Map<string, number>();
  let inFlight = 0;
  let landed: () => void = () => {};
  let restart = new AbortController();
  let pendingRestart: NodeJS.Timeout | undefined;

  /** A site that nobody began yet, a mailbox that is full, a partition that leaves: by reader, so that each is found. */
  const complain = (subject: string, err: unknown) => {
    const before = complainedAtMs.get(subject) ?? Number.NEGATIVE_INFINITY;
    if (performance.now() - before < complaintIntervalMs) return;
    if (complainedAtMs.size >= complaintsMax) complainedAtMs.clear();
    complainedAtMs.set(subject, performance.now());
    log.warn({ err, subject }, "observations not taken, their reader says them again");
  };

  const take = async (subject: string, batch: ObservationBatch) => {
    const [, , site = "", reader = ""] = subject.split(".");
    const receivedAt = new Date().toISOString();
    const answer = await turns.tell(site, {
      kind: "acts",
      acts: batch.observations.map((one) => observedAct(one, reader, receivedAt)),
    });
    if (answer instanceof Fault) throw answer;
    const answers = "answers" in answer ? answer.answers : [];
    const taken = answers.flatMap((one) =>
      one instanceof Fault ? [] : [{ id: one.receipt.id, outcome: one.receipt.outcome }],
    );
    if (taken.length > 0) say(bus, takenSubject(site, reader), { taken });
    const refused = answers.find((one) => one instanceof Fault);
    if (refused !== undefined) throw refused;
  };

  const hearOne = async (heard: Heard) => {
    const batch = await readBatch(bus, heard);
    if (batch === undefined) return;
    const count = batch.observations.length;
    inFlight += count;
    void take(heard.subject, batch)
      .catch((err: unknown) => complain(heard.subject, err))
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

  const followOwned = async (stopping: AbortSignal) => {
    const ended = AbortSignal.any([stopping, restart.signal]);
    const subjects = partitions()
      .toSorted((a, b) => a - b)
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
      await hearOne(heard);
    }
  };

  const following = supervise({
    name: "observations",
    run: followOwned,
    log,
    backoff: { firstMs: 20, maxMs: 2_000, resetAfterMs: 1_000 },
  });
  return {
    partitionsChanged: () => {
      // Partitions come and go in bursts: one new consumer serves them all.
      pendingRestart ??= setTimeout(() => {
        pendingRestart = undefined;
        const before = restart;
        restart = new AbortController();
        before.abort();
      }, resubscribeDelayMs);
    },
    stop: async () => {
      clearTimeout(pendingRestart);
      await following.stop();
    },
  };
};
