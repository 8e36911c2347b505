import { ask } from "@tagwire/bus";
import { AskEvents, AskSites, Fault, type LoggedEvent, positionText } from "@tagwire/messages";
import { changeOf, type Delta } from "./delta.ts";
import type { Following } from "./following.ts";
import type { Snapshot } from "./snapshots.ts";

/** Events that are read from the log for one who comes back; for more than that it is cheaper to start again. */
export const backfillEventsMax = 5_000;
const backfillPageMax = 500;
/** How often a view is read again because something went missing meanwhile, or its owner had not got there yet. */
const attemptsMax = 12;
const attemptDelayMs = 250;

type Outcome = "live" | "again" | "ended";

/** Brings a subscription to where deltas can simply be passed on, and back there after a gap. */
export const follow = (following: Following) => {
  const { wanted, hub, channel, connection } = following;
  let working = false;
  let doubtful = false;

  const run = async (first: () => Promise<Outcome>) => {
    if (working) {
      doubtful = true;
      return;
    }
    working = true;
    doubtful = false;
    try {
      await attempts(first);
    } catch (error) {
      fail(error);
    } finally {
      working = false;
    }
  };

  const attempts = async (first: () => Promise<Outcome>) => {
    let outcome = await first();
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      if (outcome === "ended" || (outcome === "live" && !doubtful)) return;
      doubtful = false;
      following.setLive(false);
      if (attempt > 0) await pause(attemptDelayMs);
      outcome = following.hasEnded() ? "ended" : await snapshot();
    }
    if (outcome !== "live" || doubtful) following.reset("gap");
  };

  const fail = (error: unknown) => {
    if (!(error instanceof Fault)) hub.bus.log.error({ err: error }, "a subscription broke");
    if (following.hasEnded()) return;
    const isForGood = error instanceof Fault && !error.retryable;
    if (isForGood) return following.refuse(error.code, error.advice);
    hub.bus.log.warn({ err: error, site: wanted.site, view: wanted.view }, "view not readable");
    following.reset("gap");
  };

  const snapshot = async (): Promise<Outcome> => {
    const generation = channel.generation();
    const read = await hub.snapshots.load(wanted);
    if (following.hasEnded()) return "ended";
    if (!read.known) {
      await checkSite();
      return "again";
    }
    channel.observe(read);
    if (channel.generation() !== generation || !isCurrent(read)) return "again";
    if (!(await sendParts(read))) return "ended";
    following.settle(read);
    return catchUp(generation);
  };

  const isCurrent = ({ epoch, pos }: { epoch: number; pos: number }): boolean =>
    channel.head() === undefined || (channel.head()?.epoch === epoch && channel.covers(pos));

  const sendParts = async ({ epoch, pos, parts }: Snapshot): Promise<boolean> => {
    following.dropHeld();
    for (const [index, rows] of parts.entries()) {
      const hasRoom = await connection.waitForRoom();
      if (following.hasEnded()) return false;
      if (!hasRoom) {
        following.reset("slow");
        return false;
      }
      following.part({ rows, part: index + 1, last: index === parts.length - 1 }, { epoch, pos });
    }
    return true;
  };

  /** Passes on what was said meanwhile, then goes live without a moment between. */
  const catchUp = async (generation: number): Promise<Outcome> => {
    for (;;) {
      if (following.hasEnded()) return "ended";
      const isWhole = channel.head() === undefined || channel.covers(following.covered());
      if (channel.generation() !== generation || !isWhole) return "again";
      const missed = channel.after(following.covered());
      if (missed.length === 0) {
        following.setLive(true);
        return "live";
      }
      for (const delta of missed) {
        if (!(await connection.waitForRoom())) following.reset("slow");
        if (following.hasEnded()) return "ended";
        if (channel.generation() !== generation) return "again";
        following.pass(delta);
      }
    }
  };

  const checkSite = async () => {
    const { sites } = await ask(hub.bus, AskSites, {});
    if (!sites.some(({ id }) => id === wanted.site)) throw new Fault("site_unknown", wanted.site);
  };

  /** Goes on from where the client says it is. */
  const resume = async (): Promise<Outcome> => {
    const { from } = wanted;
    if (from === undefined) return snapshot();
    const generation = channel.generation();
    if (channel.head() === undefined) {
      const read = await hub.snapshots.load(wanted);
      if (!read.known) await checkSite();
      channel.observe(read);
    }
    const head = channel.head();
    if (following.hasEnded()) return "ended";
    if (head !== undefined && head.epoch !== from.epoch) return giveUp("epoch");
    if (head !== undefined && from.pos <= head.pos && channel.covers(from.pos)) {
      hub.metrics.resumes("memory");
      return catchUp(generation);
    }
    if (wanted.view !== "events") return giveUp("too_old");
    const outcome = await backfill(generation);
    hub.metrics.resumes(outcome === "ended" ? "reset" : "log");
    return outcome;
  };

  const giveUp = (reason: "epoch" | "too_old"): Outcome => {
    hub.metrics.resumes("reset");
    following.reset(reason);
    return "ended";
  };

  /** Reads the events after the covered position from the log itself. */
  const backfill = async (generation: number): Promise<Outcome> => {
    const { site } = wanted;
    const epoch = following.epoch();
    const start = following.covered();
    for (let read = 0; read <= backfillEventsMax; ) {
      const after = following.covered();
      const answer = await ask(hub.bus, AskEvents, { site, epoch, after, limit: backfillPageMax });
      if (following.hasEnded()) return "ended";
      if (answer.epoch !== epoch) return giveUp("epoch");
      if (after > answer.head || answer.head - start > backfillEventsMax) return giveUp("too_old");
      const delta = deltaOfEvents(answer.events, after);
      if (delta === undefined) return catchUp(generation);
      if (!(await connection.waitForRoom())) following.reset("slow");
      following.pass(delta);
      read += answer.events.length;
    }
    return giveUp("too_old");
  };

  return {
    start: () => void run(resume),
    /** Something went missing: go on from a whole state again, and pass nothing on until then. */
    heal: () => {
      following.setLive(false);
      void run(wanted.view === "events" && following.covered() > 0 ? healFromLog : snapshot);
    },
  };

  function healFromLog(): Promise<Outcome> {
    return backfill(channel.generation());
  }
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Events of the log as the manager says them: the key is the position, and the version its second half. */
const deltaOfEvents = (events: readonly LoggedEvent[], prev: number): Delta | undefined => {
  const last = events.at(-1);
  if (last === undefined) return undefined;
  return {
    epoch: last.epoch,
    prev,
    pos: last.pos,
    at: last.recordedAt,
    changes: events.map((event) => changeOf({ key: positionText(event), version: event.pos, put: event })),
    heardAtMs: performance.now(),
  };
};
