import {
  type Command,
  type CommandResult,
  Fault,
  type UndoEvents,
  type UndoneEvent,
  undonePerTurnMax,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import { type Act, bodyHashOf, reuseIdOf } from "./actors/act.ts";
import type { Answer } from "./actors/answer.ts";
import { countUndone, outcomeOf, refusalOf } from "./actors/undo.ts";
import { actsOf, answerCommand, undoResult } from "./answers/commands.ts";
import { createRehearsal } from "./rehearsal.ts";
import { findReceipts } from "./store/receipts.ts";
import { findSite } from "./store/sites.ts";
import { findTargets } from "./store/undo-grounds.ts";
import {
  dropPlan,
  findPlan,
  keepPlan,
  type PlannedEvent,
  type PlannedPart,
  type UndoPlan,
} from "./store/undo-plans.ts";
import type { SiteTurns } from "./turns.ts";

type UndoCommand = Extract<Command, { kind: "events.undo" }>;
type UndoAct = Extract<Act, { kind: "events.undo" }>;
type UndoResult = CommandResult["events.undo"];
/** A plan, and whether it is known that anything of it was taken back. */
type GivenPlan = UndoPlan & { readonly isBegun: boolean };

export type Undoing = { readonly run: (site: string, command: UndoCommand) => Promise<UndoResult> };

/** Events in parts, the one with the newest first. They are cut from the oldest end. */
const cut = (planned: readonly UndoneEvent[], size: number): UndoneEvent[][] => {
  const oldestFirst = planned.toReversed();
  return Array.from({ length: Math.ceil(oldestFirst.length / size) }, (_, index) =>
    oldestFirst.slice(index * size, (index + 1) * size).toReversed(),
  ).toReversed();
};

/** One part as an act of its own. Whoever asks again under the same id asks for the same parts, and is told what became of them. */
const partAct = ({ id, origin, body }: UndoAct, part: readonly PlannedEvent[]): UndoAct => {
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

const planned = (act: UndoAct, part: readonly UndoneEvent[]): PlannedPart => ({
  id: partAct(act, part).id,
  events: part.map(({ pos, type, tag, contract }) => ({
    ...{ pos, type },
    ...(tag === undefined ? {} : { tag }),
    ...(contract === undefined ? {} : { contract }),
  })),
});

/** Why an event stays that was not come to. */
const leftBehind = (event: PlannedEvent, why: string): UndoneEvent => ({
  ...event,
  outcome: "refused",
  reason: `not taken back, since another could not be: ${why}`,
});

/** Whether asking again would be told the same: everything else may pass, and what it did to a part is not known. */
const isForGood = (error: unknown): error is Fault => error instanceof Fault && !error.retryable;

/**
 * Undoes of whatever size, so that nobody else at their site waits for long. What one turn takes back at once is decided there. More is looked
 * at first beside the turns, and refused as a whole where anything of it would be; then it is taken back part by part, each in a turn
 * of its own, the newest first, by a plan that is kept until the answer is. A fact that comes between the two may stop it half way: what
 * was taken back then stays so, the answer names what was not, and whoever asks anew goes on from there. What ends in between for another
 * reason is `outcome_unknown`: the same request goes on with the same plan, and is not refused as a whole any more.
 *
 * `sql` is for what is read beside the turns: see {@link createRehearsal}.
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
  const rehearse = createRehearsal(sql);

  /** @throws Fault as it was decided, or whatever kept it from being so. */
  const tell = async (site: string, act: Act): Promise<Answer> => {
    const answer = await turns.tell(site, { kind: "acts", acts: [act] });
    if (answer instanceof Fault) throw answer;
    const [own] = "answers" in answer ? answer.answers : [];
    if (own === undefined) throw new Fault("internal", "no answer");
    if (own instanceof Fault) throw own;
    return own;
  };

  const takeParts = async (
    site: string,
    act: UndoAct,
    { parts, isBegun }: GivenPlan,
  ): Promise<UndoResult> => {
    const undone: UndoneEvent[] = [];
    const hasBegun = () => isBegun || undone.length > 0;
    try {
      for (const [index, { events }] of parts.entries()) {
        try {
          undone.push(...((await tell(site, partAct(act, events))).undone ?? []));
        } catch (error) {
          if (!hasBegun() || !isForGood(error)) throw error;
          const left = parts.slice(index).flatMap((rest) => rest.events);
          undone.push(...left.map((event) => leftBehind(event, error.detail)));
          break;
        }
      }
      const { id, origin, body } = act;
      const told = await tell(site, { kind: "undo.told", id, origin, body, undone });
      await dropPlan(sql, site, id);
      return undoResult(told);
    } catch (cause) {
      if (!hasBegun()) throw cause;
      const all = parts.reduce((sum, { events }) => sum + events.length, 0);
      const some = undone.length === 0 ? "some" : countUndone(undone);
      throw new Fault("outcome_unknown", `${some} of ${all} events were taken back; the same id goes on`, {
        cause,
      });
    }
  };

  const takeBack = async (site: string, act: UndoAct): Promise<UndoResult> => {
    const rehearsed = await rehearse(site, act);
    const outcome = outcomeOf(rehearsed, act.body);
    if (act.body.preview)
      return undoResult({ receipt: { id: act.id, replayed: false, ...outcome }, undone: rehearsed });
    const refused = refusalOf(rehearsed, act.body);
    if (refused !== undefined && act.body.partial !== true) throw new Fault("undo_refused", refused);
    const bodyHash = bodyHashOf(act);
    const parts = cut(rehearsed, perTurnMax).map((part) => planned(act, part));
    await keepPlan(sql, site, act.id, { bodyHash, parts });
    const plan = await findPlan(sql, site, act.id);
    if (plan?.bodyHash !== bodyHash) throw new Fault("id_reused", act.id);
    return takeParts(site, act, plan);
  };

  /** What a request before under the same id wanted to take back; of what was not begun under it for something else nobody hears. */
  const planBefore = async (site: string, act: UndoAct): Promise<GivenPlan | undefined> => {
    const plan = await findPlan(sql, site, act.id);
    if (plan?.bodyHash === bodyHashOf(act)) return plan;
    if (plan?.isBegun === true) throw new Fault("id_reused", act.id);
    return undefined;
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
        const plan = await planBefore(site, act);
        if (plan !== undefined) return takeParts(site, act, plan);
        if (await isOfMany(site, act)) return takeBack(site, act);
        return (await answerCommand(turns, site, command)) as UndoResult;
      })().finally(() => running.delete(name));
      running.set(name, taking);
      return taking;
    },
  };
};
