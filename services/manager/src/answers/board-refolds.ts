import { answer, ask, type Bus, type Subscription } from "@tagwire/bus";
import {
  AskBoardRefolds,
  AskLives,
  type BoardEntity,
  boardRowsToldMax,
  type LivedEntity,
  type LoggedEvent,
  type Position,
  refoldedPerQuestionMax,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import {
  type BoardFields,
  type BoardLife,
  boardDifference,
  contractBoardFields,
  itemBoardFields,
  sessionBoardFields,
  waitingBoardFields,
} from "../actors/board-refold.ts";
import { calendarOf } from "../actors/day.ts";
import {
  type BoardRowsAsked,
  findContractBoardRows,
  findItemBoardRows,
  findSessionBoardRows,
  findWaitingBoardRows,
} from "../store/board-refolds.ts";
import type { Reader } from "../store/rows.ts";
import { findPosition, findTimeZone } from "../store/sites.ts";
import { readAtOnce } from "./read-at-once.ts";

const timeoutMs = 30_000;

/** A row, the keys by which the log is asked for its life, and what that comes to. */
type Task = {
  readonly key: string;
  readonly row: BoardFields;
  readonly lives: readonly string[];
  readonly fold: (life: readonly LoggedEvent[]) => BoardFields | null;
};

/** By what the log is asked for the lives of each kind; a contract's columns come of the whole beside them. */
const livedAs: { readonly [entity in BoardEntity]: LivedEntity } = {
  item: "item",
  waiting: "item",
  session: "session",
  contract: "item",
};

const tasks: {
  readonly [entity in BoardEntity]: (sql: Reader, asked: BoardRowsAsked) => Promise<readonly Task[]>;
} = {
  item: async (sql, asked) =>
    (await findItemBoardRows(sql, asked)).map(({ key, row, before }) => ({
      ...{ key, row, lives: [key, ...before] },
      fold: (life) => itemBoardFields(key, life),
    })),
  waiting: async (sql, asked) =>
    (await findWaitingBoardRows(sql, asked)).map(({ key, row }) => ({
      ...{ key, row, lives: [key] },
      fold: (life) => waitingBoardFields(key, life),
    })),
  session: async (sql, asked) =>
    (await findSessionBoardRows(sql, asked)).map(({ key, row, session }) => ({
      ...{ key, row, lives: [key] },
      fold: (life) => sessionBoardFields(session, life),
    })),
  contract: async (sql, asked) => {
    const dayOf = calendarOf(await findTimeZone(sql, asked.site));
    return (await findContractBoardRows(sql, asked)).map(({ key, row, contract }) => ({
      ...{ key, row, lives: [] },
      fold: () => contractBoardFields(contract, dayOf),
    }));
  },
};

/** The events of each of these up to a position; nothing of one whose life is too long for an answer. */
const askLives = async (
  bus: Bus,
  { site, entity, until }: { readonly site: string; readonly entity: LivedEntity; readonly until: Position },
  keys: readonly string[],
): Promise<ReadonlyMap<string, readonly LoggedEvent[]>> => {
  const lives = new Map<string, LoggedEvent[]>();
  for (let at = 0; at < keys.length; ) {
    const some = keys.slice(at, at + refoldedPerQuestionMax);
    const { told, skipped, events } = await ask(
      bus,
      AskLives,
      { site, entity, keys: some, until },
      { timeoutMs },
    );
    const isSkipped = new Set(skipped);
    for (const key of some.slice(0, told)) if (!isSkipped.has(key)) lives.set(key, []);
    for (const event of events) lives.get((entity === "item" ? event.tag : event.session) ?? "")?.push(event);
    at += told;
  }
  return lives;
};

const inOrder = (left: LoggedEvent, right: LoggedEvent): number =>
  left.epoch - right.epoch || left.pos - right.pos;

/** What a row is, and what its events come to; undefined where these cannot be had, or cannot be applied, which is told elsewhere. */
const lifeOf = (
  entity: BoardEntity,
  { key, row, lives, fold }: Task,
  told: ReadonlyMap<string, readonly LoggedEvent[]>,
): BoardLife | undefined => {
  const own = lives.map((one) => told.get(one));
  if (own.includes(undefined)) return undefined;
  try {
    const life = own.flatMap((events) => events ?? []).sort(inOrder);
    return { entity, key, row, folded: fold(life) };
  } catch {
    return undefined;
  }
};

/**
 * Folds again what boards show of the next few things. Rows and position are read at one instant, and the log up to that position tells
 * their lives, so that nothing which is under way makes any difference.
 */
export const answerBoardRefolds = (bus: Bus, sql: Sql): Subscription =>
  answer(bus, AskBoardRefolds, async ({ site, entity, after, limit, keys }) => {
    const { until, found } = await readAtOnce(sql, async (transaction) => ({
      until: await findPosition(transaction, site),
      found: await tasks[entity](transaction, { site, after, limit, keys }),
    }));
    if (until === undefined) return { checked: 0, next: null, differ: [], more: 0 };
    const wanted = [...new Set(found.flatMap(({ lives }) => lives))];
    const told = await askLives(bus, { site, entity: livedAs[entity], until }, wanted);
    const differ = found
      .flatMap((task) => lifeOf(entity, task, told) ?? [])
      .map((life) => ({ key: life.key, row: life.row, folded: life.folded, fields: boardDifference(life) }))
      .filter(({ fields }) => fields.length > 0);
    return {
      checked: found.length,
      next: keys === undefined && found.length === limit ? (found.at(-1)?.key ?? null) : null,
      differ: differ.slice(0, boardRowsToldMax),
      more: Math.max(0, differ.length - boardRowsToldMax),
    };
  });
