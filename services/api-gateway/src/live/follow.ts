import { ask } from "@tagwire/bus";
import { AskEvents, AskSites, Fault, type LoggedEvent, positionText } from "@tagwire/messages";
import { changeOf, type Delta } from "./delta.ts";
import type { Following } from "./following.ts";
import { sendSnapshot } from "./send-snapshot.ts";

/** Events that are read from the log for one who comes back; for more than that it is cheaper to start again. */
export const backfillEventsMax = 5_000;
const backfillPageMax = 500;
/** How often a view is read again because something went missing meanwhile, or its owner had not got there yet. */
const attemptsMax = 12;
const attemptDelayMs = 250;

type Outcome = "live" | "again" | "ended";

/** Brings a subscription to where deltas can simply be passed on, and back there after a gap. */
export const follow = (following: Following) => {
  const { wanted, hub, channel, connection, signal } = following;
  let working = false;
  let doubtful = false;

  const run = async (first: () => Promise<Outcome>) => {
    if (working) {
      doubtful = true;
      return;
    }
    working = true;
    doubtful = false;
    let outcome = await attempt(first);
    for (let attempts = 1; ; attempts += 1) {
      // Between this look and the end nothing may be awaited: a doubt that comes then would be heard by nobody.
      if (outcome === "ended" || (outcome === "live" && !doubtful)) break;
      if (attempts > attemptsMax) {
        following.reset("gap");
        break;
      }
      doubtful = false;
      following.setLive(false);
      if (attempts > 1) await pause(attemptDelayMs);
      outcome = await attempt(snapshot);
    }
    working = false;
  };

  const attempt = async (work: () => Promise<Outcome>): Promise<Outcome> => {
    if (signal.aborted) return "ended";
    try {
      return await work();
    } catch (error) {
      if (!signal.aborted) fail(error);
      return "ended";
    }
  };

  const fail = (error: unknown) => {
    const { site, view } = wanted;
    if (!(error instanceof Fault)) {
      hub.bus.log.error({ err: error, site, view }, "a subscription broke");
      return following.reset("gap");
    }
    if (error.code === "epoch_unknown") return following.reset("epoch");
    if (!error.retryable) {
      following.refuse(error.code, error.detail === "" ? error.advice : `${error.detail}: ${error.advice}`);
      if (error.code === "site_unknown") hub.forget(site);
      return;
    }
    hub.bus.log.warn({ err: error, site, view }, "view not readable");
    following.reset(error.code === "overloaded" ? "overloaded" : "gap");
  };

  const snapshot = async (): Promise<Outcome> => {
    const breaks = channel.breaks();
    const sent = await sendSnapshot(following);
    if (sent === "whole") return catchUp(breaks);
    if (sent === "unknown") await checkSite();
    return sent === "ended" ? "ended" : "again";
  };

  /** Passes on what was said meanwhile, then goes live without a moment between. */
  const catchUp = async (breaks: number): Promise<Outcome> => {
    for (;;) {
      if (signal.aborted) return "ended";
      const isWhole = channel.head() === undefined || channel.covers(following.covered());
      if (channel.breaks() !== breaks || !isWhole) return "again";
      const missed = channel.after(following.covered());
      if (missed.length === 0) {
        following.setLive(true);
        return "live";
      }
      for (const delta of missed) {
        if (!(await connection.waitForRoom())) following.reset("slow");
        if (signal.aborted) return "ended";
        if (channel.breaks() !== breaks) return "again";
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
    // Whoever holds more than was said or read here took it elsewhere, or made it up: the owner tells.
    const isAhead = wanted.view !== "events" && from.pos > channel.reached();
    if (channel.head() === undefined || isAhead) {
      const read = await hub.snapshots.page(wanted, { cursor: null, breaks: channel.breaks() }, signal);
      if (read.known) hub.observe(wanted, read);
      else await checkSite();
    }
    const breaks = channel.breaks();
    const head = channel.head();
    if (signal.aborted) return "ended";
    if (head !== undefined && head.epoch !== from.epoch) return giveUp("epoch");
    if (head !== undefined && channel.covers(from.pos) && isReached(from.pos, head.pos)) {
      hub.metrics.resumes("memory");
      return catchUp(breaks);
    }
    if (wanted.view !== "events") return giveUp("too_old");
    const outcome = await backfill(breaks);
    hub.metrics.resumes(outcome === "ended" ? "reset" : "log");
    return outcome;
  };

  /**
   * Whether what is held at `pos` is of what is told here, so that all it lacks is what is said after it. Rows are right for the position
   * that their owner had applied, which is beyond what was last said where nothing happened to the view since. Events are what the log
   * says, whoever made rows of them and how often, and each position is one of them.
   */
  const isReached = (pos: number, headPos: number): boolean => {
    if (wanted.view === "events") return pos <= headPos;
    return pos <= channel.reached() && channel.continues(pos, wanted.generation);
  };

  const giveUp = (reason: "epoch" | "too_old"): Outcome => {
    hub.metrics.resumes("reset");
    following.reset(reason);
    return "ended";
  };

  /** Reads the events after the covered position from the log itself. */
  const backfill = async (breaks: number): Promise<Outcome> => {
    const { site } = wanted;
    const epoch = following.epoch();
    const start = following.covered();
    for (let read = 0; read <= backfillEventsMax; ) {
      const after = following.covered();
      const answer = await ask(hub.bus, AskEvents, { site, epoch, after, limit: backfillPageMax });
      if (signal.aborted) return "ended";
      if (answer.epoch !== epoch) return giveUp("epoch");
      if (after > answer.head || answer.head - start > backfillEventsMax) return giveUp("too_old");
      const delta = deltaOfEvents(answer.events, after);
      if (delta === undefined) return catchUp(breaks);
      if (!(await connection.waitForRoom())) following.reset("slow");
      if (signal.aborted) return "ended";
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
    return backfill(channel.breaks());
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
    changes: events.map((event) =>
      changeOf({ key: positionText(event), version: event.pos, put: event }, event.pos),
    ),
    heardAtMs: performance.now(),
  };
};
