import { answer, type Bus, type Subscription } from "@tagwire/bus";
import { AskZones } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { listZones } from "../store/zones.ts";
import { readAtHead } from "./at-head.ts";

/** The plan of a site, from the log itself. */
export const answerZones = (bus: Bus, sql: Sql): Subscription =>
  answer(bus, AskZones, ({ site }) =>
    readAtHead(sql, site, async (at) => ({ zones: await listZones(at, site) })),
  );
