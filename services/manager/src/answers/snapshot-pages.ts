import type { Transaction } from "@tagwire/actor";
import {
  type AskSnapshot,
  type BoardView,
  classDayKey,
  contractRow,
  flaggedLiveMax,
  type LiveRow,
  lagMinutesDefault,
  type Position,
  positionText,
  utilisationDaysDefault,
} from "@tagwire/messages";
import type { Static } from "typebox";
import { calendarOf, daysAfter } from "../actors/day.ts";
import { dashboardRows } from "../actors/figures.ts";
import { lagRows, minuteOf } from "../actors/minute.ts";
import { queuedItem } from "../actors/queue-book.ts";
import { sessionRow } from "../actors/session-book.ts";
import { availableRow, type Standing, unseenRow } from "../actors/standing.ts";
import { keptAt, throughputRows } from "../actors/throughput.ts";
import { readClasses } from "../store/classes.ts";
import { listContracts } from "../store/contract-board.ts";
import { listFlagged } from "../store/flagged-scans.ts";
import { listHeldTags } from "../store/held-tags.ts";
import { listItems } from "../store/items.ts";
import { readMinutes } from "../store/minutes.ts";
import { listRecent, recentEventsMax } from "../store/recent-events.ts";
import { listQueuedByTag } from "../store/service-queues.ts";
import { listSessions } from "../store/session-board.ts";
import { type KnownSite, timeZoneDefault } from "../store/sites.ts";
import { listAvailable, listUnseen, type StandingQuery } from "../store/standing.ts";
import { readTallies } from "../store/throughput.ts";
import { listClassDays } from "../store/usage.ts";
import { figuresAt } from "./dashboard.ts";
import { pageThatFits, whatFits } from "./what-fits.ts";

/** The views that are made of the log; alerts are kept apart. */
export type SnapshotQuestion = Static<(typeof AskSnapshot)["question"]> & { readonly view: BoardView };
export type SnapshotPage = { readonly rows: readonly LiveRow[]; readonly next: string | null };
type Page = SnapshotPage;
/** What a page is read by. */
export type Asked = {
  readonly transaction: Transaction;
  readonly question: SnapshotQuestion;
  readonly position: Position;
  readonly site: KnownSite | undefined;
  readonly nowMs: number;
};

const pageRowsMax = 1_000;

const minuteMs = 60_000;
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
  const timeZone = site?.timeZone ?? timeZoneDefault;
  const kept = keptAt(nowMs, calendarOf(timeZone)(nowMs));
  const tallies = await readTallies(transaction, question.site, kept);
  const after = question.cursor ?? "";
  const rows = throughputRows(tallies, { version: position.pos, timeZone }).filter(({ key }) => key > after);
  return pageThatFits(rows.sort(byKey), pageRowsMax, keyOf);
};

/** A page of items by tag; where a row is not told from the item alone, it is as new as the page. */
const standingPage =
  (
    list: (sql: Transaction, query: StandingQuery) => Promise<Standing[]>,
    rowOf: typeof availableRow | typeof unseenRow,
  ) =>
  async ({ transaction, question, position }: Asked): Promise<Page> => {
    const { site, cursor, class: name, tag, until } = question;
    const standing = await list(transaction, {
      ...{ site, class: name, tag, until },
      ...{ after: cursor ?? undefined, limit: pageRowsMax + 1 },
    });
    return pageThatFits(
      standing.flatMap((one) => {
        const row = rowOf(one);
        return row === undefined ? [] : [{ key: row.tag, version: position.pos, ...row }];
      }),
      pageRowsMax,
      keyOf,
    );
  };

/** How classes stood day by day: as many days as utilisation is of when nobody says, and the one before, from which they are told. */
const utilisationPage = async ({ transaction, question, site, nowMs }: Asked): Promise<Page> => {
  const today = calendarOf(site?.timeZone ?? timeZoneDefault)(nowMs);
  const { cursor, class: name } = question;
  const days = await listClassDays(transaction, {
    ...{ site: question.site, class: name, limit: pageRowsMax + 1 },
    from: daysAfter(today, 1 - utilisationDaysDefault),
    after:
      cursor === null ? undefined : { day: cursor.slice(0, dayLength), class: cursor.slice(dayLength + 1) },
  });
  return pageThatFits(
    days.map((row) => ({ key: classDayKey(row), version: row.pos, ...row })),
    pageRowsMax,
    keyOf,
  );
};
const dayLength = "2026-01-01".length;

const lagPage = async ({ transaction, question, position, nowMs }: Asked): Promise<Page> => {
  const from = minuteOf(nowMs - (lagMinutesDefault - 1) * minuteMs);
  const minutes = await readMinutes(transaction, question.site, Date.parse(from));
  return { rows: lagRows(minutes, position.pos), next: null };
};

/** The newest of them, newest first; a screen that wants what lies further back has the list. */
const flaggedPage = async ({ transaction, question }: Asked): Promise<Page> => {
  const { site, cursor, mark } = question;
  const { before, left } = flaggedFrom(cursor);
  const scans = await listFlagged(transaction, { site, mark, before, limit: left });
  const rows = whatFits(scans.map((scan) => ({ key: String(scan.pos), version: scan.pos, ...scan })));
  const last = rows.at(-1);
  const isMore = last !== undefined && rows.length < scans.length;
  return { rows, next: isMore ? `${last.pos} ${left - rows.length}` : null };
};

/** Behind which position a page begins, and how many may follow there. */
const flaggedFrom = (cursor: string | null) => {
  if (cursor === null) return { before: undefined, left: flaggedLiveMax };
  const [before = 0, left = 0] = cursor.split(" ").map(Number);
  return { before, left };
};

const quarantinePage = async ({ transaction, question, position }: Asked): Promise<Page> => {
  const { site, cursor, tag, until } = question;
  const held = await listHeldTags(transaction, {
    ...{ site, tag, until },
    ...{ after: cursor ?? undefined, limit: pageRowsMax + 1 },
  });
  return pageThatFits(
    held.map((row) => ({ key: row.tag, version: position.pos, ...row })),
    pageRowsMax,
    keyOf,
  );
};

/** How a page of each view is read. Another view is another entry. */
export const snapshotPages: Readonly<Record<BoardView, (asked: Asked) => Promise<Page>>> = {
  items: itemsPage,
  events: eventsPage,
  dashboard: dashboardPage,
  contracts: contractsPage,
  sessions: sessionsPage,
  queues: queuesPage,
  throughput: throughputPage,
  utilisation: utilisationPage,
  idle: standingPage(listAvailable, availableRow),
  stale: standingPage(listUnseen, unseenRow),
  lag: lagPage,
  flagged: flaggedPage,
  quarantine: quarantinePage,
};
