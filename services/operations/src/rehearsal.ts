import { setImmediate } from "node:timers/promises";
import { createSlots } from "@tagwire/actor";
import { Fault, type UndoEvents, type UndoneEvent } from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import type { Act } from "./actors/act.ts";
import { openBook } from "./actors/book.ts";
import { beginUndo } from "./actors/undo.ts";
import { createMemory } from "./store/memory.ts";
import { findSite } from "./store/sites.ts";

type UndoAct = Extract<Act, { kind: "events.undo" }>;

/** So many undos are looked at at once: each holds a connection, and everything that it reads, for as long as that takes. */
export const rehearsalsMax = 2;
/** So many more wait until one of those is over: others are told to come again, since nobody waits for an answer for that long. */
export const rehearsalsWaitingMax = 8;
/** So many events are decided in one go: others of this process come to their turn between two of them. */
const rehearsedAtOnce = 100;

/** Everything that an undo is decided on, as it was at one instant. */
const recallAtOnce = (sql: Sql, site: string, act: UndoAct) =>
  inTransaction(
    sql,
    async (transaction) => {
      const at = transaction as unknown as Sql;
      const found = await findSite(at, site);
      if (found === undefined) throw new Fault("site_unknown", site);
      const { epoch } = found.head;
      return (await createMemory(at).recall(site, [act], { ids: "new-ids", epoch })).known;
    },
    "isolation level repeatable read read only",
  );

const rehearse = async (sql: Sql, site: string, act: UndoAct): Promise<readonly UndoneEvent[]> => {
  const known = await recallAtOnce(sql, site, act);
  const ground = known.grounds.get(act.id) ?? {};
  if (ground.fault !== undefined) throw ground.fault;
  const body: UndoEvents = { ...act.body, preview: true };
  const { targets, takeBack } = beginUndo(openBook(known), body, act.origin, { ground, nextPos: 0 });
  const undone: UndoneEvent[] = [];
  for (const [index, event] of targets.entries()) {
    undone.push(takeBack(event));
    if (index % rehearsedAtOnce === 0) await setImmediate();
  }
  return undone;
};

/** What would become of all that an undo is of, the newest first. */
export type Rehearse = (site: string, act: UndoAct) => Promise<readonly UndoneEvent[]>;

/**
 * Looks at undos beside the turns, on the log as it was at one instant, a few at a time. `sql` gives it as long as reading 15,000 scans with
 * their histories takes, which is longer than a turn may, and none of the connections of turns.
 *
 * @throws Fault `overloaded` when too many wait already; `event_unknown`, `too_large` and `site_unknown` of what was asked.
 */
export const createRehearsal = (sql: Sql): Rehearse => {
  const slots = createSlots(rehearsalsMax);
  let asked = 0;
  return async (site, act) => {
    if (asked >= rehearsalsMax + rehearsalsWaitingMax)
      throw new Fault("overloaded", `${asked} undos are looked at or wait for it`);
    asked += 1;
    try {
      return await slots.run(() => rehearse(sql, site, act));
    } finally {
      asked -= 1;
    }
  };
};
