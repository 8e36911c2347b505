import { Fault, type PullVerdict, type RfidproRun } from "@tagwire/messages";
import { spokenScore } from "../actors/agreement.ts";
import { comparedWords } from "../actors/compared-words.ts";
import type { PullOutcome } from "../actors/rows.ts";
import { findRecheckOf } from "../store/rechecks.ts";
import { findRun } from "../store/runs.ts";
import { type Comparing, compareRun } from "./compare-run.ts";
import { recheckAtOf } from "./recheck-at.ts";

/** What a run says of its comparison: its figures, and how it ended in words. */
export type AfterPull = Pick<RfidproRun, "differences" | "agreement" | "notCompared"> & {
  readonly why: string;
};

const notCompared = (why: string): AfterPull => ({ differences: null, agreement: null, why });

/** Compares a pull that has ended and is staged, and says how that went. What cannot be compared spoils no pull: it says why. */
export const compareAfterPull = async (
  comparing: Comparing,
  run: RfidproRun,
  { outcomes, verdict }: { readonly outcomes: readonly PullOutcome[]; readonly verdict: PullVerdict },
): Promise<AfterPull> => {
  const { sql, log } = comparing;
  const { id, site, startedAt } = run;
  try {
    const manifest = (await findRun(sql, id))?.run.manifest ?? null;
    const endedAt = new Date((comparing.now ?? Date.now)()).toISOString();
    const recheckAt = await recheckAtOf(comparing, run);
    const compared = await compareRun(comparing, {
      id,
      site,
      startedAt,
      endedAt,
      verdict,
      outcomes,
      manifest,
      recheckAt,
    });
    const { differences, agreement } = compared;
    // Nothing is promised of which no difference says so: what a person has settled waits for nobody.
    const promisedAt = await findRecheckOf(sql, site, id);
    return { differences, agreement: spokenScore(agreement), why: comparedWords(agreement, promisedAt) };
  } catch (error) {
    if (comparing.signal?.aborted === true) return notCompared("It was not compared to its end.");
    log.error({ err: error, run: id, site }, "a pull of RFIDpro could not be compared");
    const { code, retryable, detail, advice } =
      error instanceof Fault ? error : new Fault("internal", "it is in the log of rfidpro-backup");
    const words = [detail, advice].filter((text) => text !== "").join(". ");
    return {
      ...notCompared(`It could not be compared (${code}): ${words}`),
      notCompared: { code, isRetryable: retryable },
    };
  }
};
