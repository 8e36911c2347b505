import {
  type ActOnRfidproDifference,
  Fault,
  type RfidproDifference,
  type RfidproDifferenceAct,
} from "@tagwire/messages";
import { type Found, fingerprintOf, signatureOf } from "./found.ts";

/** A step in the life of a difference: how it is afterwards, and the line of its history; without a line nothing is worth telling. */
export type Step = {
  readonly difference: RfidproDifference;
  readonly told?: { readonly what: string; readonly why: string | null };
};

/** The run that looks. */
export type Look = {
  readonly run: string;
  readonly site: string;
  readonly at: string;
  /** When that is looked at again by itself to which something happened meanwhile; null where nothing is begun for it. */
  readonly recheckAt: string | null;
  /** Gives a new difference its id. */
  readonly nextId: () => string;
};

/** Not seen by so many runs in a row that could have told it, a difference is gone. */
export const missedToBeGone = 2;
const dayMs = 24 * 3_600_000;
/** How long somebody has for a difference that is open. */
const dueAfterMs = 7 * dayMs;

const dueOf = (at: string): string => new Date(Date.parse(at) + dueAfterMs).toISOString();

const begun = (found: Found, isPending: boolean, { run, site, at, recheckAt, nextId }: Look): Step => ({
  difference: {
    id: nextId(),
    site,
    class: found.class,
    kind: found.kind,
    key: found.key,
    tag: found.tag,
    fields: [...found.fields],
    rfidpro: found.rfidpro,
    operations: found.operations,
    state: isPending ? "pending" : "open",
    fingerprint: fingerprintOf(found),
    signature: signatureOf(found),
    revision: 1,
    owner: null,
    dueAt: isPending ? null : dueOf(at),
    resolution: null,
    firstRun: run,
    lastRun: run,
    firstSeenAt: at,
    lastSeenAt: at,
    seen: 1,
    missed: 0,
    recheckAt: isPending ? recheckAt : null,
    reopened: 0,
    version: 1,
  },
  told: { what: isPending ? "pending" : "opened", why: null },
});

/** Whether a person has decided that what differs may go on. */
const isLeftAsItIs = ({ state, resolution }: RfidproDifference): boolean =>
  state === "false_positive" || (state === "resolved" && resolution === "accepted_difference");

const isOver = ({ state }: RfidproDifference): boolean =>
  state === "resolved" || state === "false_positive" || state === "gone";

/** The difference after a run has seen it. */
export const seenAgain = (
  known: RfidproDifference | undefined,
  found: Found,
  isPending: boolean,
  look: Look,
): Step => {
  if (known === undefined) return begun(found, isPending, look);
  // A comparison that was begun again has seen it already.
  if (known.lastRun === look.run) return { difference: known };
  const signature = signatureOf(found);
  const isNews = signature !== known.signature;
  // What is under way changes while it is looked at: it is no news before it stands still.
  const isTold = isNews && !(isPending && !isOver(known) && known.state !== "pending");
  const seen: RfidproDifference = {
    ...known,
    lastRun: look.run,
    lastSeenAt: look.at,
    seen: known.seen + 1,
    missed: 0,
    // Open or not: of what something happened to a quiet look is to say how it is.
    recheckAt: isPending && !isOver(known) ? look.recheckAt : null,
    version: known.version + 1,
    ...(isTold
      ? {
          signature,
          revision: known.revision + 1,
          fields: [...found.fields],
          rfidpro: found.rfidpro,
          operations: found.operations,
        }
      : {}),
  };
  // Whoever has said that it is so, and may stay so, has said it of exactly this.
  if (isLeftAsItIs(known) && !isNews) return { difference: seen };
  // What something happened to meanwhile is decided by the next run, whatever it was before.
  if (isPending && (isOver(known) || known.state === "pending"))
    return known.state === "pending"
      ? { difference: seen }
      : {
          difference: {
            ...{ ...seen, state: "pending", resolution: null, dueAt: null },
            recheckAt: look.recheckAt,
          },
          told: { what: "pending", why: "seen again while something happened to it" },
        };
  const opened = { ...seen, state: "open" as const, dueAt: dueOf(look.at), resolution: null };
  if (isOver(known))
    return {
      difference: { ...opened, reopened: known.reopened + 1 },
      told: { what: "reopened", why: "a run sees it again" },
    };
  if (known.state === "pending")
    return {
      difference: opened,
      told: { what: "opened", why: "seen again, and nothing happened meanwhile" },
    };
  // Whoever acknowledged something else did not acknowledge this.
  if (isTold) return { difference: opened, told: { what: "revised", why: "something else differs now" } };
  return { difference: seen };
};

/**
 * A difference as a run saw it: with the sides that it saw, and pending where something happened to the thing meanwhile, also where its life
 * waits for a run that finds it quiet. What somebody has settled stays so.
 */
export const asSeen = (
  difference: RfidproDifference,
  found: Found,
  isPending: boolean,
): RfidproDifference => ({
  ...difference,
  ...{ fields: [...found.fields], rfidpro: found.rfidpro, operations: found.operations },
  signature: signatureOf(found),
  state: isPending && !isOver(difference) ? "pending" : difference.state,
});

/** What waits for a run that finds the thing quiet goes on to wait, pending or not; nothing else is said of it. */
export const stillWaiting = (known: RfidproDifference, { recheckAt }: Look): Step[] =>
  known.state === "pending" || known.recheckAt != null ? [{ difference: { ...known, recheckAt } }] : [];

/** The difference after a run that could have told it has not seen it, and nothing happened to the thing meanwhile. */
export const notSeen = (known: RfidproDifference): Step => {
  if (isOver(known)) return { difference: known };
  const missed = known.missed + 1;
  // What was only suspected needs no second run to be over.
  const isGone = known.state === "pending" || missed >= missedToBeGone;
  const difference = { ...known, missed, recheckAt: null, version: known.version + 1 };
  if (!isGone) return { difference };
  return {
    difference: { ...difference, state: "gone", dueAt: null },
    told: {
      what: "gone",
      why:
        known.state === "pending"
          ? "the next run did not see it"
          : "two runs in a row that could have told it did not see it",
    },
  };
};

const refuse = (detail: string): never => {
  throw new Fault("rfidpro.difference_state", detail);
};

const changed = (
  difference: RfidproDifference,
  change: Partial<RfidproDifference>,
  what: string,
  why: string | null,
): Step => ({
  difference: { ...difference, ...change, version: difference.version + 1 },
  told: { what, why },
});

/**
 * The difference after a person has done something about it.
 *
 * @throws Fault `rfidpro.difference_state` when that cannot be done in its state; `malformed` without a resolution or an owner
 */
export const actOn = (
  difference: RfidproDifference,
  act: RfidproDifferenceAct,
  by: string,
  body: ActOnRfidproDifference,
): Step => {
  const { why = null, dueAt = difference.dueAt, resolution } = body;
  switch (act) {
    case "acknowledge":
      if (isOver(difference)) return refuse(`it is ${difference.state}`);
      return changed(
        difference,
        { state: "acknowledged", owner: body.owner ?? by, dueAt },
        "acknowledged",
        why,
      );
    case "assign":
      if (body.owner === undefined) throw new Fault("malformed", "owner");
      if (isOver(difference)) return refuse(`it is ${difference.state}`);
      return changed(difference, { owner: body.owner, dueAt }, "assigned", why);
    case "resolve": {
      if (resolution === undefined) throw new Fault("malformed", "resolution");
      if (isOver(difference)) return refuse(`it is ${difference.state}`);
      const state = resolution === "false_positive" ? "false_positive" : "resolved";
      return changed(difference, { state, resolution, dueAt: null, recheckAt: null }, state, why);
    }
    case "reopen":
      if (!isOver(difference)) return refuse(`it is ${difference.state}`);
      return changed(
        difference,
        { state: "open", resolution: null, reopened: difference.reopened + 1 },
        "reopened",
        why,
      );
  }
};
