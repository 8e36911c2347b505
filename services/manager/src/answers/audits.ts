import { answerAudit } from "@tagwire/audit";
import { answer, type Bus, type Subscription } from "@tagwire/bus";
import { AskManagerAudit, AskParked, AskReplay } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { keptTables } from "../store/kept-tables.ts";
import { beginAnew } from "../store/replay.ts";
import { findParked, findPosition } from "../store/sites.ts";
import { answerBoardRefolds } from "./board-refolds.ts";

/** What an audit asks of the picture, and how it is healed. */
export const answerAudits = (bus: Bus, sql: Sql): readonly Subscription[] => [
  ...answerAudit(bus, AskManagerAudit, {
    sql,
    tables: { ...keptTables, event: undefined },
    positionOf: findPosition,
  }),
  answerBoardRefolds(bus, sql),
  answer(bus, AskParked, ({ site }) => findParked(sql, site)),
  answer(bus, AskReplay, async ({ site }) => ({ begun: await beginAnew(sql, site) })),
];
