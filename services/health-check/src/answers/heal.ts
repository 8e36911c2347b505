import type { Bus } from "@tagwire/bus";
import { type By, Fault, type Finding, type Healing } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { healingBegun, healingOf, healProposed } from "../actors/heal.ts";
import { apply } from "../healing/apply.ts";
import { planOf } from "../healing/plan.ts";
import { findFinding } from "../store/findings.ts";
import { keep } from "./keep.ts";

type Asked = {
  readonly site: string;
  readonly id: string;
  readonly by: string;
  readonly asker?: By;
  readonly traceparent?: string;
  readonly why?: string;
  readonly preview?: boolean;
};
type Healed = { readonly finding: Finding; readonly healing: Healing };

/**
 * Heals what can be healed, or says what that would do; the next audits prove whether it helped. A critical finding is healed when a second
 * person says so, too.
 *
 * @throws Fault `finding_unknown`, `finding_state` where nothing heals it as it stands, `second_person_required` for whoever proposed it
 */
export const heal = async (bus: Bus, sql: Sql, asked: Asked): Promise<Healed> => {
  const { site, id, by, asker = { person: by }, why, traceparent, preview = false } = asked;
  const kept = await findFinding(sql, site, id);
  if (kept === undefined) throw new Fault("finding_unknown", id);
  const outcome = healingOf(kept.finding, by);
  const planned = await planOf(bus, kept.finding);
  const { plan } = planned;
  const healing = { outcome, plan };
  if (preview) return { finding: kept.finding, healing };
  if (outcome === "refused") throw new Fault("second_person_required", id);
  const word = { by, why, plan };
  if (outcome === "proposed") {
    const finding = await keep(bus, sql, asked, (now) => {
      // Whoever was second without knowing has not seen the proposal that this would confirm.
      if (healingOf(now.finding, by) !== outcome)
        throw new Fault("finding_state", "somebody has proposed it meanwhile: look at it again");
      return healProposed(now, word);
    });
    return { finding, healing };
  }
  const done = await apply(bus, kept.finding, { planned, healer: { by: asker, traceparent } });
  return { finding: await keep(bus, sql, asked, (now) => healingBegun(now, word, done)), healing };
};
