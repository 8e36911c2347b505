import type { Transaction } from "@tagwire/actor";
import type { Contract, Day, PrefetchItem } from "@tagwire/messages";
import { calendarOf } from "../actors/day.ts";
import { type Deed, type DeedDay, shareOf } from "../actors/prefetch-deed.ts";
import { wantedByClass } from "../actors/prefetch-need.ts";
import {
  atHandChance,
  atHandMax,
  type Candidate,
  chanceOf,
  dueChance,
  placeChance,
  recentChance,
  type Want,
} from "../actors/prefetch-set.ts";
import {
  describeItems,
  findAtHand,
  findContracts,
  findDueMembers,
  findOpenSessions,
  findSeenAtPlace,
  findSessionTags,
  listDueOut,
} from "../store/prefetch-candidates.ts";
import { listMates, listRecents, type Recent } from "../store/prefetch-sets.ts";
import type { Reader } from "../store/rows.ts";

const hourMs = 3_600_000;
/** How far ahead contracts are looked at, and how late they may be. What is later than that comes when it comes, or never. */
const dueHours = 8;
const lateHours = 24;
/** How far back scans of a device and of its place are. */
export const recentDays = 7;
/** What was scanned within this time is what the device is at: devices ask again about this often. */
const atWorkMinutes = 15;
/** What is seen together less often than every other time says too little. */
const togetherChanceMin = 0.5;
const sessionIdleHoursMax = 24;

const contractsMax = 200;
const sessionsMax = 20;
/** How many sessions at the place where the device works are looked back at, and at how much of what was seen there. */
const placeSessionsMax = 50;
const placeTagsMax = 2_000;
const seedsMax = 500;
const candidatesMax = 20_000;

/** Work is counted by days of UTC: it only weighs, and nobody reads it. */
export const utcDayOf = (atMs: number): Day => new Date(atMs).toISOString().slice(0, 10);

type Asked = { readonly site: string; readonly device: string; readonly nowMs: number };
const recentSince = (nowMs: number): Date => new Date(nowMs - recentDays * 24 * hourMs);

/** What the device scanned itself. */
export const readRecents = (notices: Reader, { site, device, nowMs }: Asked): Promise<Recent[]> =>
  listRecents(notices, { site, device, limit: candidatesMax, since: recentSince(nowMs) });

export const fromRecents = (recents: readonly Recent[], nowMs: number): Candidate[] =>
  recents.map(({ tag, atMs }) => ({ tag, source: "recent", chance: recentChance(nowMs - atMs) }));

/** What was scanned where the device is at work, on whatever device. */
export const readSeenAtPlace = async (
  transaction: Transaction,
  { site, device, nowMs }: Asked,
): Promise<Candidate[]> => {
  const seen = await findSeenAtPlace(transaction, site, {
    ...{ device, since: recentSince(nowMs), sessions: placeSessionsMax, limit: placeTagsMax },
  });
  return seen.map(({ tag, at }) => ({ tag, source: "recent", chance: placeChance(nowMs - at.getTime()) }));
};

/** What is seen together with what the device is at, and was not scanned itself meanwhile. */
export const readTogether = async (
  notices: Reader,
  { site, nowMs }: Asked,
  recents: readonly Recent[],
): Promise<Candidate[]> => {
  const now = recents.filter(({ atMs }) => nowMs - atMs < atWorkMinutes * 60_000).map(({ tag }) => tag);
  if (now.length === 0) return [];
  const scanned = new Set(now);
  const mates = await listMates(notices, {
    ...{ site, tags: now.slice(0, seedsMax), chanceMin: togetherChanceMin, limit: candidatesMax },
  });
  return mates
    .filter(({ tag }) => !scanned.has(tag))
    .map(({ tag, chance }) => ({ tag, source: "together", chance: chanceOf.together * chance }));
};

/** Goods at hand of which contracts want some: any of them may be it. */
const readAtHand = async (
  transaction: Transaction,
  site: string,
  { source, wants }: { readonly source: Candidate["source"]; readonly wants: ReadonlyMap<string, Want> },
): Promise<Candidate[]> => {
  const classes = [...wants].map(([name, want]) => ({
    class: name,
    most: Math.min(candidatesMax, atHandMax(want)),
  }));
  const found = await findAtHand(transaction, site, classes);
  return found.map(({ class: name, tag, atHand }) => {
    const want = wants.get(name);
    return { tag, source, chance: want === undefined ? 0 : atHandChance(want, atHand) };
  });
};

const wantsOf = (contracts: readonly Contract[], chance: number): ReadonlyMap<string, Want> =>
  new Map([...wantedByClass(contracts)].map(([name, count]) => [name, { count, chance }]));

/** What contracts say of the hours to come, as far as the device does such work. */
export const readDue = async (
  transaction: Transaction,
  { site, device, nowMs }: Asked,
  { timeZone, done }: { readonly timeZone: string; readonly done: readonly DeedDay[] },
): Promise<Candidate[]> => {
  const dayOf = calendarOf(timeZone);
  const [fromMs, toMs] = [nowMs - lateHours * hourMs, nowMs + dueHours * hourMs];
  const due = { from: new Date(fromMs), to: new Date(toMs), fromDay: dayOf(fromMs), toDay: dayOf(toMs) };
  const today = utcDayOf(nowMs);
  const chances: Readonly<Record<Deed, number>> = {
    out: dueChance("out", shareOf(done, { device, deed: "out", today })),
    in: dueChance("in", shareOf(done, { device, deed: "in", today })),
  };
  const [members, dueOut] = await Promise.all([
    findDueMembers(transaction, site, due, candidatesMax),
    chances.out === 0 ? [] : listDueOut(transaction, site, due, contractsMax),
  ]);
  return [
    ...members.map(({ tag, deed }) => ({ tag, source: "due" as const, chance: chances[deed] })),
    ...(await readAtHand(transaction, site, { source: "due", wants: wantsOf(dueOut, chances.out) })),
  ];
};

/** What open sessions of the device expect: tags by name, and any of the goods that their contracts still want. */
export const readSession = async (
  transaction: Transaction,
  { site, device, nowMs }: Asked,
): Promise<Candidate[]> => {
  const activeSince = new Date(nowMs - sessionIdleHoursMax * hourMs);
  const sessions = await findOpenSessions(transaction, site, { device, activeSince, limit: sessionsMax });
  const going = sessions.filter(({ mode }) => mode === "checkout" || mode === "laundry");
  const [expected, contracts] = await Promise.all([
    findSessionTags(transaction, site, { sessions, limit: candidatesMax }),
    findContracts(
      transaction,
      site,
      going.flatMap(({ contract }) => contract ?? []),
    ),
  ]);
  const open = contracts.filter(({ state }) => state === "open");
  return [
    ...expected.map((tag) => ({ tag, source: "session" as const, chance: chanceOf.session })),
    ...(await readAtHand(transaction, site, { source: "session", wants: wantsOf(open, chanceOf.session) })),
  ];
};

/** The items behind candidates, as devices keep them. */
export const readItems = (
  transaction: Transaction,
  site: string,
  candidates: readonly Candidate[],
): Promise<ReadonlyMap<string, Omit<PrefetchItem, "sources">>> =>
  describeItems(transaction, site, [...new Set(candidates.map(({ tag }) => tag))]);
