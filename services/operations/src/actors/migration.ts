import {
  Fault,
  type MigrateSite,
  type MigrationStage,
  SiteMigrationMoved,
  stageBeside,
  unmetGates,
} from "@tagwire/messages";
import type { Decision, Origin } from "./decision.ts";

/**
 * One step of a site between the old system and this one.
 *
 *   parallel │ switched ──advance, every needed gate met──► switched │ realtime   (says SiteMigrationMoved)
 *   parallel │ switched ──advance, forced, with a reason──► the same, and the log says what was not met
 *   switched │ realtime ──rollback───────────────────────► parallel │ switched    (asks for no gate and no reason: the way back is always free)
 *
 * `stage` is where the site stands; whoever saw another one is refused, so that two clicks are not two steps.
 *
 * @throws Fault `migration.stage_moved`, `migration.no_step`, `migration.reason_required`, `migration.gate_not_met`
 */
export const decideMigration = (
  stage: MigrationStage | undefined,
  { from, direction, why = "", force = false, gates }: MigrateSite,
  origin: Origin,
): Decision => {
  if (stage !== from) throw new Fault("migration.stage_moved", `the site is ${stage}`);
  const isForward = direction === "advance";
  const to = stageBeside(from, direction);
  if (to === undefined) throw new Fault("migration.no_step", `the site is ${from}`);
  const unmet = isForward ? unmetGates(gates) : [];
  if (unmet.length > 0 && !force) throw new Fault("migration.gate_not_met", unmet.join(", "));
  const reason = why.trim();
  if (reason === "" && unmet.length > 0) throw new Fault("migration.reason_required", "");
  return {
    outcome: "accepted",
    flags: [],
    said: {
      type: SiteMigrationMoved.type,
      data: { from, to, why: reason === "" ? null : reason, forced: unmet.length > 0, gates },
      ...origin,
    },
  };
};
