import type { RfidproDifference } from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import type { Told } from "../actors/could-tell.ts";
import { asSeen, type Look, notSeen, seenAgain, stillWaiting } from "../actors/difference-life.ts";
import { type Found, fingerprintOf } from "../actors/found.ts";
import { findUnseen, holdKnown, holdUnseen, saveSeen, saveSteps } from "../store/differences.ts";

/** Differences that are looked at in one transaction. */
const differencesPerStep = 500;
const noId = "00000000-0000-0000-0000-000000000000";
/** Who a run is in a history. */
const nobody = "tagwire";

export type Sighted = { readonly found: Found; readonly isPending: boolean };

/** Keeps what a comparison saw: each is one difference with whatever earlier runs saw of the same thing. */
export const keepFound = async (sql: Sql, sighted: readonly Sighted[], look: Look): Promise<void> => {
  const byFingerprint = new Map(sighted.map((one) => [fingerprintOf(one.found), one]));
  const all = [...byFingerprint];
  for (let from = 0; from < all.length; from += differencesPerStep) {
    const some = all.slice(from, from + differencesPerStep);
    await inTransaction(sql, async (transaction) => {
      const known = await holdKnown(
        transaction,
        look.site,
        some.map(([fingerprint]) => fingerprint),
      );
      const looked = some.map(([fingerprint, { found, isPending }]) => {
        const step = seenAgain(known.get(fingerprint), found, isPending, look);
        return { step, seen: asSeen(step.difference, found, isPending) };
      });
      const steps = looked.map(({ step }) => step);
      await saveSteps(transaction, steps, { at: look.at, by: nobody });
      const seen = looked.map((one) => one.seen);
      await saveSeen(transaction, look.run, seen);
    });
  }
};

/** What a run could have told, and of what of it nothing is known, since something happened to the thing while it was read. */
export type Looked = {
  readonly told: readonly Told[];
  readonly unsettled: (differences: readonly RfidproDifference[]) => Promise<ReadonlySet<string>>;
};

/**
 * Lets go of what a run did not see any more and could have told. What something happened to meanwhile may be there again by the end of it:
 * that is left as it is, for a run that finds it quiet.
 */
export const letGo = async (sql: Sql, { told, unsettled }: Looked, look: Look): Promise<void> => {
  const { site, run, at } = look;
  if (told.length === 0) return;
  for (let after = noId; ; ) {
    const asked = { run, told, after, limit: differencesPerStep };
    // What is asked besides is asked before anything is held, so that no two who let go wait for each other's connections.
    const unseen = await findUnseen(sql, site, asked);
    const last = unseen.at(-1)?.id;
    if (last === undefined) return;
    const left = await unsettled(unseen);
    const looked = new Set(unseen.map(({ id }) => id));
    await inTransaction(sql, async (transaction) => {
      const held = (await holdUnseen(transaction, site, asked)).filter(({ id }) => looked.has(id));
      const steps = held.flatMap((one) => (left.has(one.id) ? stillWaiting(one, look) : notSeen(one)));
      await saveSteps(transaction, steps, { at, by: nobody });
    });
    after = last;
  }
};
