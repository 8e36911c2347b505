import {
  type AskPrefetch,
  type Day,
  Fault,
  type PrefetchArm,
  type PrefetchGuess,
  type PrefetchSource,
  prefetchBytesMax,
  prefetchDevicesMax,
  prefetchItemsMax,
} from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { calendarOf, daysAfter } from "../actors/day.ts";
import { armOf, sourcesOf } from "../actors/prefetch-arm.ts";
import { changesBetween, chooseSet, type SetBounds, type SetItem } from "../actors/prefetch-set.ts";
import { listDeeds } from "../store/prefetch-accounts.ts";
import { findClosingPosition, isDeviceKnown } from "../store/prefetch-candidates.ts";
import {
  beginPrefetching,
  confirmSet,
  countDevices,
  type DeviceSet,
  findDevice,
  forgetLongestUnseen,
  isPrefetching,
  listChanges,
  listHeld,
  lockDevice,
  measureSet,
  saveSet,
} from "../store/prefetch-sets.ts";
import { listStandings } from "../store/prefetch-standings.ts";
import { findSites, timeZoneDefault } from "../store/sites.ts";
import { asOfNow, type LastLevel, neverLevel } from "./as-of.ts";
import {
  fromRecents,
  readDue,
  readItems,
  readRecents,
  readSeenAtPlace,
  readSession,
  readTogether,
  recentDays,
  utcDayOf,
} from "./prefetch-candidates.ts";
import { readAtOnce } from "./read-at-once.ts";
import { pageThatFits } from "./what-fits.ts";

type Question = Static<(typeof AskPrefetch)["question"]>;
type Answer = Static<(typeof AskPrefetch)["answer"]>;

export type PrefetchStores = { readonly sql: Sql; readonly notices: Sql };

/** Where sets are made from, and the sources that whoever runs this switched off. */
export type Prefetching = PrefetchStores & { readonly off: ReadonlySet<PrefetchGuess> };

/** A device that asked within this time makes no room for another, in ms. */
const unseenMsMin = 3_600_000;

/** A set that was made so short a time ago is not made again for whoever asks again, in ms. */
export const setFreshMs = 10_000;

/** Where a page goes on: since which revision changes are told, where any are, and the tag behind which. */
const cursorOf = (since: number | null, after: string): string => `${since ?? ""} ${after}`;

const parseCursor = (cursor: string): { readonly since: number | null; readonly after: string } => {
  const [, since = "", after] = /^(\d{0,15}) (.+)$/s.exec(cursor) ?? [];
  if (after === undefined) throw new Fault("malformed", "cursor");
  return { since: since === "" ? null : Number(since), after };
};

type Wanted = {
  readonly arm: PrefetchArm;
  readonly day: Day;
  readonly sources: readonly PrefetchSource[];
  readonly items: readonly SetItem[];
};

/** What a device should hold now, as of one position of the site. */
const predict = async (
  { sql, notices, off }: Prefetching,
  question: Pick<Question, "site" | "device">,
  { bounds, now }: { readonly bounds: SetBounds; readonly now: { nowMs: number; lastLevel: LastLevel } },
) => {
  const { site, device } = question;
  const { nowMs } = now;
  const asked = { site, device, nowMs };
  const [recents, standings, done] = await Promise.all([
    readRecents(notices, asked),
    listStandings(notices, site),
    listDeeds(notices, site, utcDayOf(nowMs)),
  ]);
  const stateOf = (source: PrefetchGuess) =>
    off.has(source) ? "off" : (standings.find((one) => one.source === source)?.state ?? "unproven");
  const together = await readTogether(notices, asked, recents);
  return readAtOnce(sql, async (transaction) => {
    const [of, sites] = await Promise.all([asOfNow(transaction, site, now), findSites(transaction, [site])]);
    const timeZone = sites.get(site)?.timeZone ?? timeZoneDefault;
    const day = calendarOf(timeZone)(nowMs);
    const arm = armOf(site, device, day);
    const sources = sourcesOf({ site, device, day, arm }, stateOf);
    const named = await Promise.all([
      readSeenAtPlace(transaction, asked),
      sources.includes("due") ? readDue(transaction, asked, { timeZone, done }) : [],
      sources.includes("session") ? readSession(transaction, asked) : [],
    ]);
    const candidates = [
      ...fromRecents(recents, nowMs),
      ...named.flat(),
      ...(sources.includes("together") ? together : []),
    ];
    const items = chooseSet(candidates, await readItems(transaction, site, candidates), bounds);
    const beginAt = await findClosingPosition(transaction, site, daysAfter(day, -recentDays - 1));
    return { of, beginAt, wanted: { arm, day, sources, items } satisfies Wanted };
  });
};

/**
 * Hands a device the set, unless it holds just that: a new revision is made only of what is different. Where as many devices are kept
 * account of as may be, the one that asked for nothing for longest is forgotten, with whatever of it was not settled.
 *
 * @throws Fault `prefetch_devices_full` when all of them asked within the hour.
 */
const hand = (
  notices: Sql,
  { site, device }: Pick<Question, "site" | "device">,
  {
    arm,
    day,
    sources,
    items,
    bounds,
    nowMs,
  }: Wanted & { readonly bounds: SetBounds; readonly nowMs: number },
): Promise<DeviceSet> =>
  inTransaction(notices, async (transaction) => {
    await lockDevice(transaction, site, device);
    const before = await findDevice(transaction, site, device);
    if (before === undefined && (await countDevices(transaction, site)) >= prefetchDevicesMax) {
      const isRoom = await forgetLongestUnseen(transaction, site, new Date(nowMs - unseenMsMin));
      if (!isRoom) throw new Fault("prefetch_devices_full", `${prefetchDevicesMax} devices of a site`);
    }
    const { put, gone } = changesBetween(await listHeld(transaction, site, device), items);
    const isSame = before !== undefined && put.length === 0 && gone.length === 0;
    const revision = (before?.revision ?? 0) + (isSame ? 0 : 1);
    const at = new Date(nowMs);
    await saveSet(transaction, { site, device, arm, day, sources, bounds, revision, at, put, gone });
    return {
      ...{ arm, day, sources, bounds, revision, madeAtMs: nowMs },
      forgottenRevision: before?.forgottenRevision ?? 0,
    };
  });

/** @throws Fault `prefetch_device_unknown` for a name that never scanned anything: any name would fill what is kept. */
const checkDevice = async (sql: Sql, site: string, device: string): Promise<void> => {
  const isKnown = await readAtOnce(sql, (transaction) => isDeviceKnown(transaction, site, device));
  if (!isKnown) throw new Fault("prefetch_device_unknown", device);
};

/** Whether a device holds a revision that it may be told the changes since, by its own word; undefined when nobody says. */
const confirmedBy = ({ holds, cursor }: Question, set: DeviceSet): number | null | undefined => {
  if (holds === undefined || cursor !== null) return undefined;
  return canFollow(holds, set) ? holds : null;
};

/** The set as it is, made anew unless that has just been done. */
const current = async (
  stores: Prefetching,
  question: Question,
  now: { nowMs: number; lastLevel: LastLevel },
) => {
  const { site, device, items = prefetchItemsMax, bytes = prefetchBytesMax } = question;
  const bounds = { items, bytes };
  const known = await findDevice(stores.notices, site, device);
  if (known === undefined && question.holds === undefined) await checkDevice(stores.sql, site, device);
  const isFresh =
    known !== undefined &&
    now.nowMs - known.madeAtMs < setFreshMs &&
    known.bounds.items === items &&
    known.bounds.bytes === bytes;
  if (isFresh || question.cursor !== null) {
    if (known === undefined) throw new Fault("malformed", "cursor");
    const of = await readAtOnce(stores.sql, (transaction) => asOfNow(transaction, site, now));
    return { of, set: known };
  }
  const { of, beginAt, wanted } = await predict(stores, question, { bounds, now });
  if (!of.known) return { of, set: undefined };
  if (!(await isPrefetching(stores.notices, site)))
    await beginPrefetching(stores.notices, site, { epoch: of.epoch, pos: beginAt });
  return { of, set: await hand(stores.notices, question, { ...wanted, bounds, nowMs: now.nowMs }) };
};

/** Whether a device that holds a revision can be told only what changed since. */
const canFollow = (since: number | null, { revision, forgottenRevision }: DeviceSet): since is number =>
  since !== null && since >= forgottenRevision && since <= revision;

/**
 * What a device should hold ahead of its scans, a page of it: everything, or the changes since a revision.
 *
 * A device that asks for itself says with it which revision it holds: what it scans from then on is looked up in that one.
 *
 * @throws Fault `unavailable` while the projection is being made again; `malformed` for a cursor that is none; `prefetch_devices_full`;
 * `prefetch_device_unknown` when another asks for a device that never scanned anything of the site.
 */
export const answerPrefetch = async (
  stores: Prefetching,
  question: Question,
  nowMs: number,
  lastLevel: LastLevel = neverLevel,
): Promise<Answer> => {
  const { site, device, limit, cursor } = question;
  const place = cursor === null ? undefined : parseCursor(cursor);
  const { of, set } = await current(stores, question, { nowMs, lastLevel });
  if (set === undefined) {
    const day = calendarOf(timeZoneDefault)(nowMs);
    const none = { sources: [], revision: 0, since: null, items: 0, bytes: 0, rows: [], next: null };
    return { ...of, device, arm: armOf(site, device, day), day, ...none };
  }
  const { arm, day, revision } = set;
  const confirmed = confirmedBy(question, set);
  if (confirmed !== undefined)
    await confirmSet(stores.notices, { site, device, revision: confirmed, at: new Date(nowMs) });
  const since = place === undefined ? (canFollow(question.since, set) ? question.since : null) : place.since;
  const after = place?.after ?? "";
  const [size, changes] = await Promise.all([
    measureSet(stores.notices, site, device),
    listChanges(stores.notices, { site, device, since, after, limit: limit + 1 }),
  ]);
  const page = pageThatFits(changes, limit, (last) => cursorOf(since, last.tag));
  const sources = [...set.sources];
  return { ...of, device, arm, day, sources, revision, since, ...size, ...page };
};
