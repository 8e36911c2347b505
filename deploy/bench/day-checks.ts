import { request } from "@tagwire/bus";
import { canonicalJson, chainHash, chainStart } from "@tagwire/digest";
import {
  AskDashboard,
  AskEvents,
  AskItemDigest,
  AskManagerDigest,
  askSubject,
  type Dashboard,
  type LoggedEvent,
  type StatusGroup,
  statusGroups,
} from "@tagwire/messages";
import { requireBoards } from "./day-boards.ts";
import type { DayRecord } from "./day-calls.ts";
import { requireEqual } from "./require-equal.ts";
import type { Setting } from "./setting.ts";

const timeoutMs = 60_000;
const pageEvents = 1_000;

const ask = <T>({ bus }: Setting, subject: string, question: object): Promise<T> =>
  request<T>(bus, subject, question, { timeoutMs });

/** The whole log of the site, hashed again from its first event: every byte is what it was when it was sealed. */
const requireChain = async (setting: Setting, site: string): Promise<number> => {
  let hash: string = chainStart;
  for (let after = 0; ; ) {
    const question = { site, epoch: 1, after, limit: pageEvents };
    const { events } = await ask<{ events: LoggedEvent[] }>(setting, askSubject(AskEvents), question);
    if (events.length === 0) return after;
    for (const event of events) {
      const { hash: sealed, ...unsealed } = event;
      if (event.pos !== after + 1 || event.prevHash !== hash)
        throw new Error(`the chain breaks at ${event.pos}`);
      hash = chainHash(hash, canonicalJson(unsealed));
      if (hash !== sealed) throw new Error(`event ${event.pos} is not what was sealed`);
      after = event.pos;
    }
  }
};

/** Every scan has one receipt, kept as it was told, and those add up. */
const requireLedger = async ({ sql }: Setting, site: string, record: DayRecord): Promise<void> => {
  const { outcomes, sent, replayed } = record;
  requireEqual("scans sent, answered anew and answered again", sent, outcomes.size + replayed);
  const ids = [...outcomes.keys()];
  const rows = await sql<{ outcome: string; count: number }[]>`
    select receipt ->> 'outcome' as outcome, count(*)::int as count from operations.receipt
    where site = ${site} and id = any(${ids}::uuid[]) group by 1`;
  const told = Map.groupBy(outcomes.values(), (outcome) => outcome);
  requireEqual(
    "receipts",
    Object.fromEntries(rows.map(({ outcome, count }) => [outcome, count])),
    Object.fromEntries([...told].map(([outcome, all]) => [outcome, all.length])),
  );
};

/** What the manager shows of each class is what operations has, counted again. */
const requireCounts = async (setting: Setting, site: string): Promise<void> => {
  const rows = await setting.sql<{ class: string; status: string; count: number }[]>`
    select class, status, count(*)::int as count from operations.item where site = ${site} group by 1, 2`;
  const counted = new Map<string, Record<string, number>>();
  for (const { class: name, status, count } of rows) {
    const groups = Object.entries(statusGroups) as [StatusGroup, readonly string[]][];
    const [group] = groups.find(([, statuses]) => statuses.includes(status)) ?? [status];
    const own = counted.get(name) ?? { total: 0, ready: 0, out: 0, inService: 0, missing: 0, ended: 0 };
    counted.set(name, { ...own, [group]: (own[group] ?? 0) + count, total: (own.total ?? 0) + count });
  }
  const answer = await ask<{ dashboard: Dashboard | null }>(setting, askSubject(AskDashboard), { site });
  const shown = (answer.dashboard?.classes ?? []).map(
    ({ class: name, total, ready, out, inService, missing, ended }) =>
      [name, { total, ready, out, inService, missing, ended }] as const,
  );
  requireEqual("classes", Object.fromEntries(shown), Object.fromEntries(counted));
};

/** Both services have the very same items: their digests at the same position are equal. */
const requireDigests = async (setting: Setting, site: string): Promise<void> => {
  const operations = await ask(setting, askSubject(AskItemDigest), { site });
  const manager = await ask(setting, askSubject(AskManagerDigest), { site });
  requireEqual("digests of items", manager, operations);
};

/**
 * Every scan has its receipt, both services have the same items, and the log is whole.
 *
 * @returns how many events the log has.
 */
export const requireLog = async (setting: Setting, site: string, record: DayRecord): Promise<number> => {
  await requireLedger(setting, site, record);
  await requireDigests(setting, site);
  return requireChain(setting, site);
};

/**
 * What must be true when the day is over, or nothing that was measured counts.
 *
 * @returns how many events the log has.
 * @throws Error that says what is not so.
 */
export const requireSound = async (setting: Setting, site: string, record: DayRecord): Promise<number> => {
  await requireCounts(setting, site);
  await requireBoards(setting, site);
  return requireLog(setting, site, record);
};
