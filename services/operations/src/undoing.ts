import { setImmediate } from "node:timers/promises";
import {
  type Command,
  type CommandResult,
  Fault,
  type UndoEvents,
  type UndoneEvent,
  undonePerTurnMax,
} from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import { type Act, bodyHashOf, reuseIdOf } from "./actors/act.ts";
import type { Answer } from "./actors/answer.ts";
import { openBook } from "./actors/book.ts";
import { beginUndo, outcomeOf, refusalOf } from "./actors/undo.ts";
import { actsOf, answerCommand, undoResult } from "./answers/commands.ts";
import { createMemory } from "./store/memory.ts";
import { findReceipts } from "./store/receipts.ts";
import { findSite } from "./store/sites.ts";
import { findTargets } from "./store/undo-grounds.ts";
import type { SiteTurns } from "./turns.ts";

type UndoCommand = Extract<Command, { kind: "events.undo" }>;
type UndoAct = Extract<Act, { kind: "events.undo" }>;
type UndoResult = CommandResult["events.undo"];

export type Undoing = { readonly run: (site: string, command: UndoCommand) => Promise<UndoResult> };

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

/** What would become of all of it, decided on the log as it was at one instant: the turns of the site go on meanwhile. */
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

/** The parts, the one with the newest events first. They are cut from the oldest end: events that come meanwhile change no other. */
const partsOf = (planned: readonly UndoneEvent[], size: number): UndoneEvent[][] => {
  const oldestFirst = planned.toReversed();
  return Array.from({ length: Math.ceil(oldestFirst.length / size) }, (_, index) =>
    oldestFirst.slice(index * size, (index + 1) * size).toReversed(),
  ).toReversed();
};

/** One part as an act of its own. Whoever asks again under the same id asks for the same parts, and is told what became of them. */
const partAct = ({ id, origin, body }: UndoAct, part: readonly UndoneEvent[]): UndoAct => {
  const { partial, reason } = body;
  const own: UndoEvents = {
    events: part.map(({ pos }) => pos),
    preview: false,
    ...(partial === undefined ? {} : { partial }),
    ...(reason === undefined ? {} : { reason }),
  };
  const act: UndoAct = { kind: "events.undo", id, origin, body: own };
  return { ...act, id: reuseIdOf(id, bodyHashOf(act)) };
};

/** Why an event stays that was not come to. */
const leftBehind = ({ set: _, ...event }: UndoneEvent, why: string): UndoneEvent => ({
  ...event,
  outcome: "refused",
  reason: `not taken back, since another could not be: ${why}`,
});

/**
 * Undoes of whatever size, so that nobody else at their site waits for long. What one turn takes back at once is decided there. More is looked
 * at first beside the turns, and refused as a whole where anything of it would be; then it is taken back part by part, each in a turn
 * of its own, the newest first. A fact that comes between the two may stop it half way: what was taken back then stays so, the answer
 * names what was not, and whoever asks anew goes on from there. So does the same request after an end in between.
 */
export const createUndoing = ({
  sql,
  turns,
  perTurnMax = undonePerTurnMax,
}: {
  sql: Sql;
  turns: SiteTurns;
  perTurnMax?: number;
}): Undoing => {
  /** An answer that is late is asked for again: both wait for the one run. */
  const running = new Map<string, Promise<UndoResult>>();

  const tell = async (site: string, act: Act): Promise<Answer | Fault> => {
    const answer = await turns.tell(site, { kind: "acts", acts: [act] });
    if (answer instanceof Fault) return answer;
    const [own] = "answers" in answer ? answer.answers : [];
    if (own === undefined) throw new Fault("internal", "no answer");
    return own;
  };

  const takeBack = async (site: string, act: UndoAct): Promise<UndoResult> => {
    const planned = await rehearse(sql, site, act);
    const outcome = outcomeOf(planned, act.body);
    if (act.body.preview)
      return undoResult({ receipt: { id: act.id, replayed: false, ...outcome }, undone: planned });
    const refused = refusalOf(planned, act.body);
    if (refused !== undefined && act.body.partial !== true) throw new Fault("undo_refused", refused);
    const undone: UndoneEvent[] = [];
    const parts = partsOf(planned, perTurnMax);
    for (const [index, part] of parts.entries()) {
      const answer = await tell(site, partAct(act, part));
      if (!(answer instanceof Fault)) {
        undone.push(...(answer.undone ?? []));
        continue;
      }
      if (answer.code !== "undo_refused" || undone.length === 0) throw answer;
      undone.push(...parts.slice(index).flatMap((rest) => rest.map((one) => leftBehind(one, answer.detail))));
      break;
    }
    const { id, origin, body } = act;
    const told = await tell(site, { kind: "undo.told", id, origin, body, undone });
    if (told instanceof Fault) throw told;
    return undoResult(told);
  };

  const isOfMany = async (site: string, { body, id }: UndoAct): Promise<boolean> => {
    const found = await findSite(sql, site);
    if (found === undefined) return false;
    const [targets, before] = await Promise.all([
      findTargets(sql, site, found.head.epoch, body),
      findReceipts(sql, site, [id]),
    ]);
    return before.size === 0 && targets.length > perTurnMax;
  };

  return {
    run: async (site, command) => {
      const [act] = actsOf(command) as UndoAct[];
      if (act === undefined) throw new Fault("internal", "no act");
      const name = `${site} ${act.id} ${bodyHashOf(act)}`;
      const before = running.get(name);
      if (before !== undefined) return before;
      const taking = (async () => {
        if (await isOfMany(site, act)) return takeBack(site, act);
        return (await answerCommand(turns, site, command)) as UndoResult;
      })().finally(() => running.delete(name));
      running.set(name, taking);
      return taking;
    },
  };
};
