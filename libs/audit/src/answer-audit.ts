import { answer, type Bus, type Subscription } from "@tagwire/bus";
import { type AuditEntity, type AuditQuestions, Fault, formsVersion, type Position } from "@tagwire/messages";
import { inTransaction, isSchemaMissing, type Transaction } from "@tagwire/store";
import { findDigests, findVector } from "./barriers.ts";
import { adoptCount, readAuditRows, recount } from "./rows.ts";
import type { AuditSide } from "./side.ts";

/** Reads that must agree with each other and with the position: all of them see the store at one instant. */
const readAtOnce = async <T>(
  side: AuditSide,
  site: string,
  read: (sql: Transaction) => Promise<T>,
): Promise<T & Position> => {
  try {
    return await inTransaction(
      side.sql,
      async (sql) => {
        const { epoch, pos } = (await side.positionOf(sql, site)) ?? { epoch: 0, pos: 0 };
        return { epoch, pos, ...(await read(sql)) };
      },
      "isolation level repeatable read read only",
    );
  } catch (error) {
    if (isSchemaMissing(error)) throw new Fault("unavailable", "the rows are being made again");
    throw error;
  }
};

/** Answers what an audit asks of a side. */
export const answerAudit = (bus: Bus, questions: AuditQuestions, side: AuditSide): Subscription[] => {
  const tableOf = (entity: AuditEntity) => side.tables[entity];
  return [
    answer(bus, questions.barrier, ({ site, barrier }) =>
      readAtOnce(side, site, async (sql) => ({
        forms: formsVersion,
        digests: (await findDigests(sql, site, barrier)) ?? null,
      })),
    ),
    answer(bus, questions.vector, async (asked) => {
      const vector = await findVector(side.sql, asked);
      return { vector: vector === undefined ? null : Buffer.from(vector).toString("base64") };
    }),
    answer(bus, questions.rows, ({ entity, ...asked }) =>
      readAtOnce(side, asked.site, async (sql) => {
        const kept = tableOf(entity);
        return kept === undefined ? { rows: [], next: null } : readAuditRows(sql, kept, asked);
      }),
    ),
    answer(bus, questions.recount, ({ entity, ...asked }) =>
      readAtOnce(side, asked.site, async (sql) => {
        const kept = tableOf(entity);
        return kept === undefined ? { rows: 0, differ: [] } : recount(sql, { entity, kept, ...asked });
      }),
    ),
    answer(bus, questions.adopt, async ({ entity, ...asked }) => {
      const kept = tableOf(entity);
      return { changed: kept === undefined ? 0 : await adoptCount(side.sql, { entity, kept, ...asked }) };
    }),
  ];
};
