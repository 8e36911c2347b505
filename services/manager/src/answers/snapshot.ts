import type { Transaction } from "@tagwire/actor";
import { type AskSnapshot, type LiveRow, type Position, positionText } from "@tagwire/messages";
import type { Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { dashboardRows } from "../actors/figures.ts";
import { listItems } from "../store/items.ts";
import { listRecent, recentEventsMax } from "../store/recent-events.ts";
import { findGenerations } from "../store/sites.ts";
import { figuresAt } from "./dashboard.ts";
import { readAtOnce } from "./read-at-once.ts";
import { findWholePosition } from "./whole-position.ts";

type Asked = Static<(typeof AskSnapshot)["question"]>;
/** The views that are made of the log; alerts are kept apart. */
type Question = Asked & { readonly view: Exclude<Asked["view"], "alerts"> };
type Answer = Static<(typeof AskSnapshot)["answer"]>;
type Page = { readonly rows: readonly LiveRow[]; readonly next: string | null };

const pageRowsMax = 1_000;
/** A page must fit into one message of the bus, whose default bound is 1 MiB. */
const pageBytesMax = 800_000;

/** As many of the rows, from the front, as fit into one answer; at least one. */
const whatFits = (rows: readonly LiveRow[]): LiveRow[] => {
  let bytes = 0;
  const end = rows.findIndex((row, index) => {
    bytes += Buffer.byteLength(JSON.stringify(row)) + 1;
    return index > 0 && bytes > pageBytesMax;
  });
  return rows.slice(0, end < 0 ? rows.length : end);
};

const itemsPage = async (transaction: Transaction, question: Question): Promise<Page> => {
  const { cursor, view: _view, ...query } = question;
  const items = await listItems(transaction, {
    ...query,
    after: cursor ?? undefined,
    limit: pageRowsMax + 1,
  });
  const rows = whatFits(items.slice(0, pageRowsMax).map((item) => ({ key: item.tag, ...item })));
  return { rows, next: rows.length < items.length ? (rows.at(-1)?.key ?? null) : null };
};

/** The newest events; fewer when they are so large that they would not fit into one answer. */
const eventsPage = async (transaction: Transaction, site: string): Promise<Page> => {
  const events = await listRecent(transaction, site, recentEventsMax);
  const newestFirst = events
    .reverse()
    .map((event) => ({ key: positionText(event), version: event.pos, ...event }));
  return { rows: whatFits(newestFirst).reverse(), next: null };
};

const dashboardPage = async (
  transaction: Transaction,
  question: Question,
  at: { position: Position; nowMs: number },
): Promise<Page> => {
  const figures = await figuresAt(transaction, question.site, at.nowMs);
  const rows = dashboardRows(figures, at.position.pos);
  const from = question.cursor === null ? 0 : Number(question.cursor);
  const page = whatFits(rows.slice(from));
  return { rows: page, next: from + page.length < rows.length ? String(from + page.length) : null };
};

/** A page of a live view and the position it is of, read at one instant. */
export const answerSnapshot = async (sql: Sql, question: Question, nowMs: number): Promise<Answer> =>
  readAtOnce(sql, async (transaction) => {
    const position = await findWholePosition(transaction, question.site);
    if (position === undefined) return { known: false, epoch: 0, pos: 0, rows: [], next: null };
    const page =
      question.view === "items"
        ? await itemsPage(transaction, question)
        : question.view === "events"
          ? await eventsPage(transaction, question.site)
          : await dashboardPage(transaction, question, { position, nowMs });
    const generation = (await findGenerations(transaction, [question.site])).get(question.site);
    const build = generation === undefined ? {} : { generation };
    return { known: true, ...position, ...build, rows: [...page.rows], next: page.next };
  });
