import type { Transaction } from "@tagwire/actor";
import {
  type AskSnapshot,
  type BoardView,
  contractRow,
  type LiveRow,
  type Position,
  positionText,
} from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { calendarOf } from "../actors/day.ts";
import { dashboardRows } from "../actors/figures.ts";
import { queuedItem } from "../actors/queue-book.ts";
import { sessionRow } from "../actors/session-book.ts";
import { keptAt, throughputRows } from "../actors/throughput.ts";
import { readClasses } from "../store/classes.ts";
import { listContracts } from "../store/contract-board.ts";
import { listItems } from "../store/items.ts";
import { listRecent, recentEventsMax } from "../store/recent-events.ts";
import { listQueuedByTag } from "../store/service-queues.ts";
import { listSessions } from "../store/session-board.ts";
import { findSites, type KnownSite, timeZoneDefault } from "../store/sites.ts";
import { readTallies } from "../store/throughput.ts";
import { figuresAt } from "./dashboard.ts";
import { readAtOnce } from "./read-at-once.ts";
import { pageThatFits, whatFits } from "./what-fits.ts";
import { findWholePosition } from "./whole-position.ts";

/** The views that are made of the log; alerts are kept apart. */
type Question = Static<(typeof AskSnapshot)["question"]> & { readonly view: BoardView };
type Answer = Static<(typeof AskSnapshot)["answer"]>;
type Page = { readonly rows: readonly LiveRow[]; readonly next: string | null };
type Asked = {
  readonly transaction: Transaction;
  readonly question: Question;
  readonly position: Position;
  readonly site: KnownSite | undefined;
  readonly nowMs: number;
};

const pageRowsMax = 1_000;

const keyOf = ({ key }: LiveRow): string => key;
const byKey = (left: LiveRow, right: LiveRow): number => (left.key < right.key ? -1 : 1);

const itemsPage = async ({ transaction, question }: Asked): Promise<Page> => {
  const { cursor, view: _view, ...query } = question;
  const items = await listItems(transaction, {
    ...query,
    after: cursor ?? undefined,
    limit: pageRowsMax + 1,
  });
  return pageThatFits(
    items.map((item) => ({ key: item.tag, ...item })),
    pageRowsMax,
    keyOf,
  );
};

/** The newest events; fewer when they are so large that they would not fit into one answer. */
const eventsPage = async ({ transaction, question }: Asked): Promise<Page> => {
  const events = await listRecent(transaction, question.site, recentEventsMax);
  const newestFirst = events
    .reverse()
    .map((event) => ({ key: positionText(event), version: event.pos, ...event }));
  return { rows: whatFits(newestFirst).reverse(), next: null };
};

const dashboardPage = async ({ transaction, question, position, nowMs }: Asked): Promise<Page> => {
  const rows = dashboardRows(await figuresAt(transaction, question.site, nowMs), position.pos);
  const from = question.cursor === null ? 0 : Number(question.cursor);
  const page = whatFits(rows.slice(from));
  return { rows: page, next: from + page.length < rows.length ? String(from + page.length) : null };
};

const contractsPage = async ({ transaction, question, site }: Asked): Promise<Page> => {
  const { cursor, state, class: name, q } = question;
  const after = cursor === null ? undefined : { day: undefined, number: cursor };
  const dayOf = calendarOf(site?.timeZone ?? timeZoneDefault);
  const contracts = await listContracts(transaction, {
    ...{ site: question.site, limit: pageRowsMax + 1, part: {} },
    ...{ after, state, class: name, q },
  });
  return pageThatFits(
    contracts.map((contract) => ({ key: contract.number, ...contractRow(contract, dayOf) })),
    pageRowsMax,
    keyOf,
  );
};

const sessionsPage = async ({ transaction, question }: Asked): Promise<Page> => {
  const { site, cursor, state } = question;
  const sessions = await listSessions(transaction, {
    ...{ site, limit: pageRowsMax + 1 },
    ...{ after: cursor ?? undefined, state },
  });
  return pageThatFits(
    sessions.map((active) => ({ key: active.session.id, ...sessionRow(active) })),
    pageRowsMax,
    keyOf,
  );
};

const queuesPage = async ({ transaction, question }: Asked): Promise<Page> => {
  const { site, cursor } = question;
  const [classes, waiting] = await Promise.all([
    readClasses(transaction, site),
    listQueuedByTag(transaction, { site, after: cursor ?? undefined, limit: pageRowsMax + 1 }),
  ]);
  return pageThatFits(
    waiting.map((one) => {
      const row = queuedItem(one, classes.get(one.item.class));
      return { key: row.tag, version: row.pos, ...row };
    }),
    pageRowsMax,
    keyOf,
  );
};

/** All that is kept: as much as a screen can be shown of the past at once. */
const throughputPage = async ({ transaction, question, position, site, nowMs }: Asked): Promise<Page> => {
  const today = calendarOf(site?.timeZone ?? timeZoneDefault)(nowMs);
  const tallies = await readTallies(transaction, question.site, keptAt(nowMs, today));
  const after = question.cursor ?? "";
  const rows = throughputRows(tallies, position.pos).filter(({ key }) => key > after);
  return pageThatFits(rows.sort(byKey), pageRowsMax, keyOf);
};

const pages: Readonly<Record<BoardView, (asked: Asked) => Promise<Page>>> = {
  items: itemsPage,
  events: eventsPage,
  dashboard: dashboardPage,
  contracts: contractsPage,
  sessions: sessionsPage,
  queues: queuesPage,
  throughput: throughputPage,
};

/** A page of a live view and the position it is of, read at one instant. */
export const answerSnapshot = async (sql: Sql, question: Question, nowMs: number): Promise<Answer> =>
  readAtOnce(sql, async (transaction) => {
    const position = await findWholePosition(transaction, question.site);
    if (position === undefined) return { known: false, epoch: 0, pos: 0, rows: [], next: null };
    const site = (await findSites(transaction, [question.site])).get(question.site);
    const page = await pages[question.view]({ transaction, question, position, site, nowMs });
    const build = site === undefined ? {} : { generation: site.generation };
    return { known: true, ...position, ...build, rows: [...page.rows], next: page.next };
  });
