import { answer, type Bus, type Subscription } from "@tagwire/bus";
import { AskMigrationGates, AskRfidproAgreement } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { measureGates } from "../actors/gates.ts";
import { readAgreement } from "../store/agreement.ts";
import { gatherSightings } from "./sightings.ts";

/**
 * What has to be so before a site leaves the old system. This service measures it, since it has what is rarest of it, the comparisons; it decides
 * nothing: the step is the site's own, and its owner takes it.
 */
export const answerMigration = (bus: Bus, sql: Sql): readonly Subscription[] => [
  answer(bus, AskMigrationGates, async ({ site, stage }) => {
    const nowMs = Date.now();
    return { gates: measureGates(stage, await gatherSightings(bus, sql, { site, nowMs }), nowMs) };
  }),
  answer(bus, AskRfidproAgreement, async (asked) => ({
    days: await readAgreement(sql, { ...asked, now: new Date() }),
  })),
];
