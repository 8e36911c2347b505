import { answer, type Bus, type Subscription } from "@tagwire/bus";
import {
  AskActOnRfidproDifference,
  AskRfidproDifference,
  AskRfidproDifferences,
  Fault,
  type RfidproDifference,
} from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import { actOn } from "../actors/difference-life.ts";
import {
  findDifference,
  holdDifference,
  listOfRun,
  listOfSite,
  readHistory,
  saveSteps,
} from "../store/differences.ts";
import { readCursor, readIdCursor, writeCursor } from "./cursor.ts";

/** An answer must fit into one message. */
const answerBytesMax = 850_000;

/** As many differences as one answer carries, and where the next page begins. */
const pageOf = (
  found: readonly RfidproDifference[],
  limit: number,
  after: (one: RfidproDifference) => string,
): { differences: RfidproDifference[]; next: string | null } => {
  let bytes = 0;
  const differences = found.slice(0, limit).filter((one, index) => {
    bytes += Buffer.byteLength(JSON.stringify(one)) + 1;
    return index === 0 || bytes <= answerBytesMax;
  });
  const last = differences.at(-1);
  return { differences, next: found.length > differences.length && last !== undefined ? after(last) : null };
};

/** What is asked of differences, and what people do about them. */
export const answerDifferences = (bus: Bus, sql: Sql): readonly Subscription[] => [
  answer(bus, AskRfidproDifferences, async ({ site, run, cursor, ...query }) => {
    if (run !== null) {
      const found = await listOfRun(sql, run, { ...query, after: readIdCursor(cursor) });
      return pageOf(found, query.limit, ({ id }) => id);
    }
    if (site === null) throw new Fault("malformed", "site or run");
    const found = await listOfSite(sql, site, { ...query, after: readCursor(cursor) });
    return pageOf(found, query.limit, ({ lastSeenAt: at, id }) => writeCursor({ at, id }));
  }),
  answer(bus, AskRfidproDifference, async ({ site, id }) => {
    const difference = await findDifference(sql, site, id);
    if (difference === undefined) return { difference: null, history: [] };
    return { difference, history: await readHistory(sql, site, id) };
  }),
  answer(bus, AskActOnRfidproDifference, async ({ site, id, act, by, ...body }) =>
    inTransaction(sql, async (transaction) => {
      const known = await holdDifference(transaction, site, id);
      if (known === undefined) throw new Fault("rfidpro.difference_unknown", id);
      const step = actOn(known, act, by, body);
      await saveSteps(transaction, [step], { at: new Date().toISOString(), by });
      return { difference: step.difference };
    }),
  ),
];
