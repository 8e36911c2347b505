import { expectedTagsMax } from "@tagwire/messages";
import { type Act, needsGround } from "../actors/act.ts";

/** Scans that one turn takes out of quarantine: with more, its commit would come near the time limit. */
const releasedPerTurnMax = 5_000;
/** Tags of sessions that one turn reads or begins to expect: as many as the largest session expects. */
export const sessionTagsPerTurnMax = expectedTagsMax;

/**
 * How many acts fit into one turn: by the scans that their commissionings release, by the tags of their sessions, and by what has to be
 * read for one alone.
 */
export const actsWithin = (
  acts: readonly Act[],
  waitingOf: (act: Act) => number,
  sessionTagsOf: (act: Act) => number,
): number => {
  let released = 0;
  let sessionTags = 0;
  const tooMany = acts.findIndex((act, index) => {
    released += waitingOf(act);
    sessionTags += sessionTagsOf(act);
    const isTooMuch = released > releasedPerTurnMax || sessionTags > sessionTagsPerTurnMax;
    return index > 0 && (isTooMuch || needsGround(act));
  });
  return tooMany < 0 ? acts.length : tooMany;
};
