import { answerAudit } from "@tagwire/audit";
import { answer, type Bus, type Subscription } from "@tagwire/bus";
import {
  AskDeviceLedgers,
  AskHeads,
  AskLives,
  AskOperationsAudit,
  AskRefold,
  AskRefolds,
  AskRelations,
  AskTimes,
  AskVerifyLog,
  ledgersPerPageMax,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { listDeviceLedgers } from "../store/device-ledgers.ts";
import { findHeads } from "../store/heads.ts";
import { keptTables } from "../store/kept-tables.ts";
import { readLives } from "../store/lives.ts";
import { refold, refolds } from "../store/refold.ts";
import { findRelations, findTimes } from "../store/relations.ts";
import { positionOf } from "../store/sites.ts";
import { verifyLog } from "../store/verify-log.ts";
import { readAtHead } from "./at-head.ts";

/** What an audit asks of the record. */
export const answerAudits = (bus: Bus, sql: Sql): readonly Subscription[] => [
  ...answerAudit(bus, AskOperationsAudit, { sql, tables: keptTables, positionOf }),
  answer(bus, AskVerifyLog, (stretch) => verifyLog(sql, stretch)),
  answer(bus, AskRefold, (asked) => refold(sql, asked)),
  answer(bus, AskRefolds, (asked) => refolds(sql, asked)),
  answer(bus, AskLives, (asked) => readLives(sql, asked)),
  answer(bus, AskHeads, ({ site }) => findHeads(sql, site)),
  answer(bus, AskDeviceLedgers, ({ site, cursor }) =>
    readAtHead(sql, site, async (at) => {
      const found = await listDeviceLedgers(at, { site, after: cursor });
      const ledgers = found.slice(0, ledgersPerPageMax);
      return { ledgers, next: found.length > ledgers.length ? (ledgers.at(-1)?.device ?? null) : null };
    }),
  ),
  answer(bus, AskRelations, ({ site, ...asked }) => findRelations(sql, site, asked)),
  answer(bus, AskTimes, ({ site, from }) => findTimes(sql, site, from)),
];
