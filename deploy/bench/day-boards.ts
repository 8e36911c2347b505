import { request } from "@tagwire/bus";
import {
  AskContractBoard,
  AskContracts,
  AskServiceQueues,
  AskSessionBoard,
  AskSessions,
  askSubject,
  type Contract,
  type ContractRow,
  contractView,
  type QueueCount,
  type Session,
  type SessionRow,
  serviceQueues,
  sessionView,
} from "@tagwire/messages";
import { requireEqual } from "./require-equal.ts";
import type { Setting } from "./setting.ts";

const timeoutMs = 60_000;
const pageRows = 200;

type Page = { readonly next?: string | null };

/** Every row of a list, page after page. */
const allOf = async <P extends Page, R>(
  { bus }: Setting,
  { subject, question }: { readonly subject: string; readonly question: object },
  rowsOf: (page: P) => readonly R[],
): Promise<R[]> => {
  const rows: R[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: P = await request<P>(bus, subject, { ...question, limit: pageRows, cursor }, { timeoutMs });
    rows.push(...rowsOf(page));
    if (page.next == null) return rows;
    cursor = page.next;
  }
};

const byKey = <T>(rows: readonly T[], keyOf: (row: T) => string): Record<string, T> =>
  Object.fromEntries(rows.map((row) => [keyOf(row), row]));

/** Of every contract the board says what operations says: lines, lots, state and progress. */
const requireContracts = async (setting: Setting, site: string): Promise<void> => {
  const record = await allOf(
    setting,
    { subject: askSubject(AskContracts), question: { site } },
    ({ contracts }: { contracts: Contract[] } & Page) => contracts.map(contractView),
  );
  const shown = await allOf(
    setting,
    { subject: askSubject(AskContractBoard), question: { site } },
    ({ rows }: { rows: ContractRow[] } & Page) => rows,
  );
  const views = shown.map((row) => {
    const view: Record<string, unknown> = { ...row };
    for (const added of addedByTheBoard) delete view[added];
    return view as ReturnType<typeof contractView>;
  });
  requireEqual(
    "contracts",
    byKey(views, ({ number }) => number),
    byKey(record, ({ number }) => number),
  );
};

/** What the board reckons of a contract besides. */
const addedByTheBoard = [
  "expectedItems",
  "stagedItems",
  "outItems",
  "returnedItems",
  "stillOutItems",
  "stillOutLots",
  "dueOutDay",
  "dueInDay",
] as const;

/** Of every session the board says what operations says. */
const requireSessions = async (setting: Setting, site: string): Promise<void> => {
  const record = await allOf(
    setting,
    { subject: askSubject(AskSessions), question: { site } },
    ({ sessions }: { sessions: Session[] } & Page) => sessions.map(sessionView),
  );
  const shown = await allOf(
    setting,
    { subject: askSubject(AskSessionBoard), question: { site } },
    ({ rows }: { rows: SessionRow[] } & Page) => rows.map(({ activeAt: _activeAt, ...view }) => view),
  );
  requireEqual(
    "sessions",
    byKey(shown, ({ id }) => id),
    byKey(record, ({ id }) => id),
  );
};

/** In each queue wait as many items as have its status. */
const requireQueues = async ({ bus, sql }: Setting, site: string): Promise<void> => {
  const { counts } = await request<{ counts: QueueCount[] }>(
    bus,
    askSubject(AskServiceQueues),
    { site, limit: 1, cursor: null },
    { timeoutMs },
  );
  const shown = new Map<string, number>(serviceQueues.map((queue) => [queue, 0]));
  for (const { queue, items } of counts) shown.set(queue, (shown.get(queue) ?? 0) + items);
  const rows = await sql<{ status: string; count: number }[]>`
    select status, count(*)::int as count from operations.item
    where site = ${site} and status = any(${serviceQueues as unknown as string[]}::text[]) group by 1`;
  const counted = new Map<string, number>(serviceQueues.map((queue) => [queue, 0]));
  for (const { status, count } of rows) counted.set(status, count);
  requireEqual("queues", Object.fromEntries(shown), Object.fromEntries(counted));
};

/**
 * What managers look at says what the record says.
 *
 * @throws Error that names the first board that does not.
 */
export const requireBoards = async (setting: Setting, site: string): Promise<void> => {
  await requireContracts(setting, site);
  await requireSessions(setting, site);
  await requireQueues(setting, site);
};
