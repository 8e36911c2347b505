import {
  type AskPrefetch,
  type Day,
  Fault,
  type PrefetchArm,
  prefetchBytesMax,
  prefetchDevicesMax,
  prefetchItemsMax,
} from "@tagwire/messages";
import { inTransaction, type Sql } from "@tagwire/store";
import type { Static } from "typebox";
import { calendarOf, daysAfter } from "../actors/day.ts";
import { armOf } from "../actors/prefetch-arm.ts";
import { changesBetween, chooseSet, type SetBounds, type SetItem } from "../actors/prefetch-set.ts";
import { findClosingPosition } from "../store/prefetch-candidates.ts";
import {
  beginPrefetching,
  countDevices,
  type DeviceSet,
  findDevice,
  isPrefetching,
  listChanges,
  listHeld,
  lockDevice,
  measureSet,
  saveSet,
} from "../store/prefetch-sets.ts";
import { findSites, timeZoneDefault } from "../store/sites.ts";
import { asOfNow, type LastLevel, neverLevel } from "./as-of.ts";
import {
  fromRecents,
  readAhead,
  readItems,
  readRecents,
  readTogether,
  recentDays,
} from "./prefetch-candidates.ts";
import { readAtOnce } from "./read-at-once.ts";
import { pageThatFits } from "./what-fits.ts";

type Question = Static<(typeof AskPrefetch)["question"]>;
type Answer = Static<(typeof AskPrefetch)["answer"]>;

export type PrefetchStores = { readonly sql: Sql; readonly notices: Sql };

/** A set that was made so short a time ago is not made again for whoever asks again, in ms. */
export const setFreshMs = 10_000;

/** Where a page goes on: since which revision changes are told, where any are, and the tag behind which. */
const cursorOf = (since: number | null, after: string): string => `${since ?? ""} ${after}`;

const parseCursor = (cursor: string): { readonly since: number | null; readonly after: string } => {
  const [, since = "", after] = /^(\d{0,15}) (.+)$/s.exec(cursor) ?? [];
  if (after === undefined) throw new Fault("malformed", "cursor");
  return { since: since === "" ? null : Number(since), after };
};

type Wanted = { readonly arm: PrefetchArm; readonly day: Day; readonly items: readonly SetItem[] };

/** What a device should hold now, as of one position of the site. */
const predict = async (
  { sql, notices }: PrefetchStores,
  question: Pick<Question, "site" | "device">,
  { bounds, now }: { readonly bounds: SetBounds; readonly now: { nowMs: number; lastLevel: LastLevel } },
) => {
  const { site, device } = question;
  const { nowMs } = now;
  const asked = { site, device, nowMs };
  const recents = await readRecents(notices, asked);
  const together = await readTogether(notices, asked, recents);
  return readAtOnce(sql, async (transaction) => {
    const [of, sites] = await Promise.all([asOfNow(transaction, site, now), findSites(transaction, [site])]);
    const timeZone = sites.get(site)?.timeZone ?? timeZoneDefault;
    const day = calendarOf(timeZone)(nowMs);
    const arm = armOf(site, device, day);
    const ahead = arm === "recents" ? [] : [...(await readAhead(transaction, asked, timeZone)), ...together];
    const candidates = [...fromRecents(recents, nowMs), ...ahead];
    const items = chooseSet(candidates, await readItems(transaction, site, candidates), bounds);
    const beginAt = await findClosingPosition(transaction, site, daysAfter(day, -recentDays - 1));
    return { of, beginAt, wanted: { arm, day, items } satisfies Wanted };
  });
};

/**
 * Hands a device the set, unless it holds just that: a new revision is made only of what is different.
 *
 * @throws Fault `prefetch_devices_full` for one device more than are kept account of.
 */
const hand = (
  notices: Sql,
  { site, device }: Pick<Question, "site" | "device">,
  { arm, day, items, bounds, nowMs }: Wanted & { readonly bounds: SetBounds; readonly nowMs: number },
): Promise<DeviceSet> =>
  inTransaction(notices, async (transaction) => {
    await lockDevice(transaction, site, device);
    const before = await findDevice(transaction, site, device);
    if (before === undefined && (await countDevices(transaction, site)) >= prefetchDevicesMax)
      throw new Fault("prefetch_devices_full", `${prefetchDevicesMax} devices of a site`);
    const { put, gone } = changesBetween(await listHeld(transaction, site, device), items);
    const isSame = before !== undefined && put.length === 0 && gone.length === 0;
    const revision = (before?.revision ?? 0) + (isSame ? 0 : 1);
    const at = new Date(nowMs);
    await saveSet(transaction, { site, device, arm, day, bounds, revision, at, put, gone });
    return {
      ...{ arm, day, bounds, revision, madeAtMs: nowMs },
      forgottenRevision: before?.forgottenRevision ?? 0,
    };
  });

/** The set as it is, made anew unless that has just been done. */
const current = async (
  stores: PrefetchStores,
  question: Question,
  now: { nowMs: number; lastLevel: LastLevel },
) => {
  const { site, device, items = prefetchItemsMax, bytes = prefetchBytesMax } = question;
  const bounds = { items, bytes };
  const known = await findDevice(stores.notices, site, device);
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
 * @throws Fault `unavailable` while the projection is being made again; `malformed` for a cursor that is none; `prefetch_devices_full`.
 */
export const answerPrefetch = async (
  stores: PrefetchStores,
  question: Question,
  nowMs: number,
  lastLevel: LastLevel = neverLevel,
): Promise<Answer> => {
  const { site, device, limit, cursor } = question;
  const place = cursor === null ? undefined : parseCursor(cursor);
  const { of, set } = await current(stores, question, { nowMs, lastLevel });
  if (set === undefined) {
    const day = calendarOf(timeZoneDefault)(nowMs);
    const none = { revision: 0, since: null, items: 0, bytes: 0, rows: [], next: null };
    return { ...of, device, arm: armOf(site, device, day), day, ...none };
  }
  const { arm, day, revision } = set;
  const since = place === undefined ? (canFollow(question.since, set) ? question.since : null) : place.since;
  const after = place?.after ?? "";
  const [size, changes] = await Promise.all([
    measureSet(stores.notices, site, device),
    listChanges(stores.notices, { site, device, since, after, limit: limit + 1 }),
  ]);
  const page = pageThatFits(changes, limit, (last) => cursorOf(since, last.tag));
  return { ...of, device, arm, day, revision, since, ...size, ...page };
};
