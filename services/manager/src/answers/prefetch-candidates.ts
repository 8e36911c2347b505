import type { Transaction } from "@tagwire/actor";
import type { PrefetchItem } from "@tagwire/messages";
import { calendarOf } from "../actors/day.ts";
import { wantedByClass } from "../actors/prefetch-need.ts";
import {
  atHandChance,
  atHandShareMin,
  type Candidate,
  chanceOf,
  recentChance,
} from "../actors/prefetch-set.ts";
import {
  describeItems,
  findAtHand,
  findDueMembers,
  findOpenSessions,
  findSessionTags,
  listDueOut,
} from "../store/prefetch-candidates.ts";
import { listPairs, listRecents, type Recent } from "../store/prefetch-sets.ts";
import type { Reader } from "../store/rows.ts";

const hourMs = 3_600_000;
/** How far ahead contracts are looked at, and how late they may be. What is later than that comes when it comes, or never. */
const dueHours = 8;
const lateHours = 24;
/** How far back a device's own scans are. */
export const recentDays = 7;
/** What was scanned within this time is what the device is at. */
const atWorkHours = 2;
const sessionIdleHoursMax = 24;

const contractsMax = 200;
const sessionsMax = 20;
const seedsMax = 500;
const candidatesMax = 20_000;

const of = (source: Candidate["source"], tags: readonly string[]): Candidate[] =>
  tags.map((tag) => ({ tag, source, chance: chanceOf[source] }));

type Asked = { readonly site: string; readonly device: string; readonly nowMs: number };

/** What the device scanned itself. */
export const readRecents = (notices: Reader, { site, device, nowMs }: Asked): Promise<Recent[]> =>
  listRecents(notices, {
    ...{ site, device, limit: candidatesMax },
    since: new Date(nowMs - recentDays * 24 * hourMs),
  });

export const fromRecents = (recents: readonly Recent[], nowMs: number): Candidate[] =>
  recents.map(({ tag, atMs }) => ({ tag, source: "recent", chance: recentChance(nowMs - atMs) }));

/** What is seen together with what the device is at. */
export const readTogether = async (
  notices: Reader,
  { site, nowMs }: Asked,
  recents: readonly Recent[],
): Promise<Candidate[]> => {
  const seeds = recents.filter(({ atMs }) => nowMs - atMs < atWorkHours * hourMs).slice(0, seedsMax);
  if (seeds.length === 0) return [];
  const tags = await listPairs(
    notices,
    site,
    seeds.map(({ tag }) => tag),
    candidatesMax,
  );
  return of("together", tags);
};

/** What contracts and sessions say of the hours to come. */
export const readAhead = async (
  transaction: Transaction,
  { site, device, nowMs }: Asked,
  timeZone: string,
): Promise<Candidate[]> => {
  const dayOf = calendarOf(timeZone);
  const [fromMs, toMs] = [nowMs - lateHours * hourMs, nowMs + dueHours * hourMs];
  const due = { from: new Date(fromMs), to: new Date(toMs), fromDay: dayOf(fromMs), toDay: dayOf(toMs) };
  const activeSince = new Date(nowMs - sessionIdleHoursMax * hourMs);
  const [members, dueOut, sessions] = await Promise.all([
    findDueMembers(transaction, site, due, candidatesMax),
    listDueOut(transaction, site, due, contractsMax),
    findOpenSessions(transaction, site, { device, activeSince, limit: sessionsMax }),
  ]);
  const wanted = wantedByClass(dueOut);
  const classes = [...wanted].map(([name, count]) => ({
    class: name,
    most: Math.min(candidatesMax, Math.ceil(count / atHandShareMin)),
  }));
  const [atHand, expected] = await Promise.all([
    findAtHand(transaction, site, classes),
    findSessionTags(transaction, site, { sessions, limit: candidatesMax }),
  ]);
  return [
    ...of("due", members),
    ...atHand.map(({ class: name, tag, atHand: count }) => ({
      ...{ tag, source: "due" as const },
      chance: atHandChance(wanted.get(name) ?? 0, count),
    })),
    ...of("session", expected),
  ];
};

/** The items behind candidates, as devices keep them. */
export const readItems = (
  transaction: Transaction,
  site: string,
  candidates: readonly Candidate[],
): Promise<ReadonlyMap<string, Omit<PrefetchItem, "sources">>> =>
  describeItems(transaction, site, [...new Set(candidates.map(({ tag }) => tag))]);
