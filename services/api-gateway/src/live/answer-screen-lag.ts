import { answer, type Bus, type Subscription } from "@tagwire/bus";
import { AskScreenLag, lagDistribution } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { readScreenLags } from "../store/screen-lags.ts";

/** Tells whoever watches over a site how far its screens were behind, as all gateways have kept it. */
export const answerScreenLag = (bus: Bus, sql: Sql): Subscription =>
  answer(bus, AskScreenLag, async ({ site, from }) => ({
    recordToScreen: lagDistribution((await readScreenLags(sql, site, from)).lags),
  }));
