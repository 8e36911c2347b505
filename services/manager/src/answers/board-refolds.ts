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
import type { Static } from "typebox";
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

/** Lives of more events than this are not folded again: a thing that is scanned every minute for weeks. */
const eventsPerLifeMax = 20_000;
/** And so many events are read for one question; whoever asked for more things goes on after those that were folded. */
const eventsPerQuestionMax = 20_000;

/** Lives by their keys, in the order of the log; undefined for one that is too long to be folded. */
type Told = ReadonlyMap<string, readonly LoggedEvent[] | undefined>;

type LivesAsked = { readonly site: string; readonly entity: LivedEntity; readonly until: Position };

/** A life that is too long for one answer, a stretch at a time; undefined where it is too long to be folded at all. */
const askLongLife = async (bus: Bus, asked: LivesAsked, key: string): Promise<LoggedEvent[] | undefined> => {
  const life: LoggedEvent[] = [];
  for (let after: Position | null = { epoch: 0, pos: 0 }; after !== null; ) {
    const stretch: Static<typeof AskLives.answer> = await ask(
      bus,
      AskLives,
      { ...asked, keys: [key], after },
      { timeoutMs },
    );
    life.push(...stretch.events);
    if (life.length > eventsPerLifeMax) return undefined;
    after = stretch.next ?? null;
  }
  return life;
};

/** The events of each of these up to a position: of the first `least` of them always, of the others as many as may be read at once. */
const askLives = async (
  bus: Bus,
  asked: LivesAsked,
  { keys, least }: { readonly keys: readonly string[]; readonly least: number },
): Promise<Told> => {
  const lives = new Map<string, LoggedEvent[] | undefined>();
  let read = 0;
  for (let at = 0; at < keys.length && (at < least || read < eventsPerQuestionMax); ) {
    const some = keys.slice(at, at + refoldedPerQuestionMax);
    const { told, skipped, events } = await ask(bus, AskLives, { ...asked, keys: some }, { timeoutMs });
    for (const key of some.slice(0, told)) lives.set(key, []);
    for (const event of events)
      lives.get((asked.entity === "item" ? event.tag : event.session) ?? "")?.push(event);
    read += events.length;
    for (const key of skipped) {
      const life = await askLongLife(bus, asked, key);
      lives.set(key, life);
      read += life?.length ?? eventsPerLifeMax;
    }
    at += told;
  }
  return lives;
};

const inOrder = (left: LoggedEvent, right: LoggedEvent): number =>
  left.epoch - right.epoch || left.pos - right.pos;

/** What a row is, and what its events come to; undefined where these cannot be had, or cannot be applied, which is told elsewhere. */
const lifeOf = (entity: BoardEntity, { key, row, lives, fold }: Task, told: Told): BoardLife | undefined => {
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
    // Those that are named are few, and nobody would ask for the others again.
    const least = keys === undefined ? (found[0]?.lives.length ?? 0) : wanted.length;
    const told = await askLives(bus, { site, entity: livedAs[entity], until }, { keys: wanted, least });
    const end = found.findIndex(({ lives }) => lives.some((one) => !told.has(one)));
    const looked = end === -1 ? found : found.slice(0, end);
    const differ = looked
      .flatMap((task) => lifeOf(entity, task, told) ?? [])
      .map((life) => ({ key: life.key, row: life.row, folded: life.folded, fields: boardDifference(life) }))
      .filter(({ fields }) => fields.length > 0);
    const isMore = looked.length < found.length || found.length === limit;
    return {
      checked: looked.length,
      next: keys === undefined && isMore ? (looked.at(-1)?.key ?? null) : null,
      differ: differ.slice(0, boardRowsToldMax),
      more: Math.max(0, differ.length - boardRowsToldMax),
      tooLong: looked
        .filter(({ lives }) => lives.some((one) => told.get(one) === undefined))
        .map(({ key }) => key),
    };
  });
