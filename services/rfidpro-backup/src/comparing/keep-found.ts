import { inTransaction, type Sql } from "@tagwire/store";
import { type Look, notSeen, seenAgain } from "../actors/difference-life.ts";
import { type Found, fingerprintOf } from "../actors/found.ts";
import { holdKnown, holdUnseen, saveSeen, saveSteps } from "../store/differences.ts";

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
      const steps = some.map(([fingerprint, { found, isPending }]) =>
        seenAgain(known.get(fingerprint), found, isPending, look),
      );
      await saveSteps(transaction, steps, { at: look.at, by: nobody });
      await saveSeen(
        transaction,
        look.run,
        steps.map(({ difference }) => difference),
      );
    });
  }
};

/** Lets go of what a complete run did not see any more. */
export const letGo = async (sql: Sql, kinds: readonly string[], { site, run, at }: Look): Promise<void> => {
  if (kinds.length === 0) return;
  for (let after = noId; ; ) {
    const last = await inTransaction(sql, async (transaction) => {
      const unseen = await holdUnseen(transaction, site, { run, kinds, after, limit: differencesPerStep });
      await saveSteps(transaction, unseen.map(notSeen), { at, by: nobody });
      return unseen.at(-1)?.id;
    });
    if (last === undefined) return;
    after = last;
  }
};
