import type {
  Contract,
  ContractBoardCounts,
  ContractKind,
  ContractProgress,
  ContractState,
  Day,
} from "@tagwire/messages";
import { contractKinds, contractProgresses, contractStates } from "@tagwire/messages";
import type { BoardCursor, BoardPart, DueDays } from "../actors/contract-board.ts";
import { daysAfter } from "../actors/day.ts";
import { likeEscape, type Reader } from "./rows.ts";

export type ContractQuery = {
  readonly site: string;
  readonly limit: number;
  readonly part: BoardPart;
  readonly after?: BoardCursor | undefined;
  readonly kind?: ContractKind | undefined;
  readonly state?: readonly string[] | undefined;
  readonly progress?: readonly string[] | undefined;
  readonly class?: string | undefined;
  /** Part of a number or of a client's name, in either case. */
  readonly q?: string | undefined;
};

const dueColumn = (sql: Reader, way: DueDays["way"]) => (way === "out" ? sql`due_out_day` : sql`due_in_day`);

const wherePart = (sql: Reader, { due, isOut, kind, states }: BoardPart) => sql`
  ${due === undefined ? sql`` : sql`and ${dueColumn(sql, due.way)} <= ${due.to}::text::date`}
  ${due?.from === undefined ? sql`` : sql`and ${dueColumn(sql, due.way)} >= ${due.from}::text::date`}
  ${isOut === undefined ? sql`` : sql`and still_out_items > 0`}
  ${kind === undefined ? sql`` : sql`and kind = ${kind}`}
  ${states === undefined ? sql`` : sql`and state = any(${[...states]}::text[])`}`;

const whereFilter = (sql: Reader, { kind, state, progress, class: name, q }: ContractQuery) => {
  const pattern = q === undefined ? "" : `%${likeEscape(q)}%`;
  return sql`
    ${kind === undefined ? sql`` : sql`and kind = ${kind}`}
    ${state === undefined ? sql`` : sql`and state = any(${[...state]}::text[])`}
    ${progress === undefined ? sql`` : sql`and progress = any(${[...progress]}::text[])`}
    ${
      name === undefined
        ? sql``
        : sql`and (contract->'counts' ? ${name} or contract->'lines' @> ${JSON.stringify([{ class: name }])}::text::jsonb)`
    }
    ${q === undefined ? sql`` : sql`and (number ilike ${pattern} or client ilike ${pattern})`}`;
};

/** A page of contracts, in the order of their numbers; of what is due, in the order of its days. */
export const listContracts = async (sql: Reader, query: ContractQuery): Promise<Contract[]> => {
  const { site, part, after, limit } = query;
  const way = part.due?.way;
  const behind =
    after === undefined
      ? sql``
      : way === undefined || after.day === undefined
        ? sql`and number > ${after.number}`
        : sql`and (${dueColumn(sql, way)}, number) > (${after.day}::text::date, ${after.number})`;
  const rows = await sql<{ contract: Contract }[]>`
    select contract from contract
    where site = ${site} ${wherePart(sql, part)} ${whereFilter(sql, query)} ${behind}
    order by ${way === undefined ? sql`number` : sql`${dueColumn(sql, way)}, number`} limit ${limit}`;
  return rows.map(({ contract }) => contract);
};

type CountRow = {
  kind: ContractKind;
  state: ContractState;
  progress: ContractProgress;
  contracts: number;
  out: number;
  items: number;
};
type DueRow = { way: "out" | "in"; day: string; contracts: number };

/** Contracts that are not over, or have items out, by what a board tells them apart by. */
const countCurrent = (sql: Reader, site: string) => sql<CountRow[]>`
  select kind, state, progress, count(*)::int as contracts,
    (count(*) filter (where still_out_items > 0))::int as out, sum(still_out_items)::int as items
  from contract
  where site = ${site} and (state in ('open', 'finalized', 'returned') or still_out_items > 0)
  group by kind, state, progress`;

/** How much is due on each day up to one, with everything before today as one day: the last of the past. */
const countDue = (sql: Reader, site: string, { today, last }: { today: Day; last: Day }) => {
  const late = daysAfter(today, -1);
  const count = (way: DueDays["way"]) => sql`
    select ${way}::text as way, greatest(${dueColumn(sql, way)}, ${late}::text::date)::text as day, count(*)::int as contracts
    from contract where site = ${site} and ${dueColumn(sql, way)} <= ${last}::text::date
    group by 2`;
  return sql<DueRow[]>`${count("out")} union all ${count("in")}`;
};

const sum = <T>(rows: readonly T[], of: (row: T) => number): number =>
  rows.reduce((total, row) => total + of(row), 0);

const countsBy = <K extends "kind" | "state" | "progress">(
  rows: readonly CountRow[],
  column: K,
  keys: readonly CountRow[K][],
) =>
  Object.fromEntries(
    keys.map((key) => [
      key,
      sum(
        rows.filter((row) => row[column] === key),
        ({ contracts }) => contracts,
      ),
    ]),
  ) as Record<CountRow[K], number>;

/** How many contracts are in each part of the board of a site, today and so many days ahead. */
export const countContracts = async (
  sql: Reader,
  site: string,
  { today, days }: { readonly today: Day; readonly days: number },
): Promise<ContractBoardCounts> => {
  const last = daysAfter(today, days);
  const [rows, due] = await Promise.all([countCurrent(sql, site), countDue(sql, site, { today, last })]);
  const dueOn = (way: DueDays["way"], is: (day: Day) => boolean) =>
    sum(
      due.filter((row) => row.way === way && is(row.day)),
      ({ contracts }) => contracts,
    );
  const ahead = (day: Day) => day >= today;
  const late = (day: Day) => day < today;
  return {
    open: sum(
      rows.filter(({ state }) => state === "open"),
      ({ contracts }) => contracts,
    ),
    out: sum(rows, ({ out }) => out),
    dueOut: dueOn("out", ahead),
    lateOut: dueOn("out", late),
    dueIn: dueOn("in", ahead),
    overdue: dueOn("in", late),
    laundry: sum(
      rows.filter(({ kind, state }) => kind === "laundry" && state !== "closed"),
      ({ contracts }) => contracts,
    ),
    stillOutItems: sum(rows, ({ items }) => items),
    byKind: countsBy(rows, "kind", contractKinds),
    byState: countsBy(rows, "state", contractStates),
    byProgress: countsBy(rows, "progress", contractProgresses),
    days: Array.from({ length: days + 1 }, (_, index) => {
      const day = daysAfter(today, index);
      return { day, dueOut: dueOn("out", (on) => on === day), dueIn: dueOn("in", (on) => on === day) };
    }),
  };
};
