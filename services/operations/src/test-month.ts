import { createMonth, type MonthAct } from "@tagwire/emulators";
import type { Act } from "./actors/act.ts";
import { monthTurns, stockTurns } from "./test-month-acts.ts";
import { type Ledger, openLedger } from "./test-month-checks.ts";
import { type MonthModel, openMonthModel } from "./test-month-model.ts";
import { type MonthSite, openMonthSite } from "./test-month-site.ts";

const startMs = Date.UTC(2026, 4, 4);
const dayMs = 86_400_000;
export const daysOfMonth = 28;

export type MonthDay = {
  /** Counted from 0. */
  readonly day: number;
  readonly site: MonthSite;
  readonly ledger: Ledger;
  readonly model: MonthModel | undefined;
  /** What has happened so far, by its kind. */
  readonly met: ReadonlyMap<MonthAct["kind"], number>;
};

type MonthOptions = {
  readonly days?: number | undefined;
  /** Keeps the month by the reference model besides. */
  readonly isModelled?: boolean;
};

/** Lives through a month of the real house in memory and stops at the end of each day. */
export function* liveMonth(
  seed: string,
  { days = daysOfMonth, isModelled = false }: MonthOptions = {},
): Generator<MonthDay> {
  const { warehouse, acts } = createMonth({ seed, startMs, days });
  const site = openMonthSite("month", startMs);
  const ledger = openLedger();
  const model = isModelled ? openMonthModel() : undefined;
  const met = new Map<MonthAct["kind"], number>();
  const made = new Map<string, readonly string[]>();
  const tell = (turns: readonly Act[][], atMs: number): void => {
    for (const turn of turns) {
      if (turn.length === 0) continue;
      const [first] = turn;
      const expected = model === undefined || first === undefined ? undefined : site.expectedBy(first);
      const outcome = site.tell(turn, atMs);
      ledger.note(turn, outcome);
      model?.note(turn, outcome, expected);
      for (const [index, { id }] of turn.entries()) {
        const answer = outcome.answers[index];
        if (answer !== undefined && "tags" in answer) made.set(id, answer.tags ?? []);
      }
    }
  };
  tell(stockTurns(warehouse, startMs), startMs);
  const turnsOf = monthTurns(warehouse, (id) => made.get(id) ?? []);
  let day = 0;
  for (const act of acts) {
    for (; act.atMs >= startMs + (day + 1) * dayMs; day += 1) yield { day, site, ledger, model, met };
    met.set(act.kind, (met.get(act.kind) ?? 0) + 1);
    tell(turnsOf(act), act.atMs);
  }
  yield { day, site, ledger, model, met };
}
