import type { PrefetchRow } from "@tagwire/messages";
import { fetchSet, type SetPage } from "../api/prefetch.ts";
import { paced } from "../live/paced.ts";
import { sessionAt } from "../scan/settings.ts";
import type { Station } from "../scan/station.ts";
import {
  countLooks,
  type HeldSet,
  openPrefetch,
  type PrefetchDatabase,
  readNames,
  readSet,
  takeChanges,
} from "./database.ts";
import { createLooks } from "./looks.ts";
import { setNames } from "./names.ts";
import { createOccasions } from "./occasions.ts";

/** A set is looked after so often, in ms; names are told more often than that. */
const pullEveryMs = 15 * 60_000;
const tellEveryMs = 30_000;
/** What names were worth is written down so often, in ms: in a burst each scan has one. */
const countEveryMs = 1_000;
/** As many pages as a set can have at most, and some: an answer without an end is no answer. */
const pagesMax = 20;

/** Whoever pays for each byte gets names from the record alone. */
const savesData = (): boolean =>
  (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;

/** All pages of what is different since a revision; undefined where one of them was not answered. */
const readChanges = async (
  site: string,
  device: string,
  since: number | undefined,
): Promise<{ first: SetPage; rows: PrefetchRow[] } | undefined> => {
  const rows: PrefetchRow[] = [];
  let first: SetPage | undefined;
  let cursor: string | null = null;
  for (let page = 0; page < pagesMax; page += 1) {
    const answer = await fetchSet(site, device, { since, cursor });
    if (answer.kind !== "ok") return undefined;
    first ??= answer.value;
    rows.push(...answer.value.data);
    cursor = answer.value.nextCursor;
    if (cursor === null) return { first, rows };
  }
  return undefined;
};

/** Takes the set as it is now, and says that it holds it: from then on its scans are counted against it. */
const pull = async (database: PrefetchDatabase, site: string, device: string): Promise<void> => {
  const kept = await readSet(database, site);
  const before = kept?.device === device ? kept : undefined;
  const changes = await readChanges(site, device, before?.revision);
  if (changes === undefined) return;
  const { first, rows } = changes;
  const set: HeldSet = {
    ...{ device, revision: first.revision, arm: first.arm, day: first.day, takenAtMs: Date.now() },
    ...{ items: first.items, hits: before?.hits ?? 0, misses: before?.misses ?? 0 },
  };
  await takeChanges(database, site, { rows, isWhole: first.since === null, set });
  await fetchSet(site, device, { since: first.revision, cursor: null });
  setNames(site, await readNames(database, site));
};

/**
 * Keeps the set of names that this device holds ahead of its scans at a site, until it is stopped. Nothing of it is needed to scan: where
 * the browser stores nothing, or nobody answers, there are just no names.
 */
export const keepNames = (station: Station, site: string): (() => void) => {
  const { outbox } = station;
  let isLeft = false;
  let device: string | undefined;
  let stop = () => {};
  const begin = async (): Promise<void> => {
    device = await outbox.ask(async (_database, identity) => identity.deviceId);
    if (device === undefined) return;
    const database = await openPrefetch();
    setNames(site, await readNames(database, site));
    if (isLeft) return database.close();
    let counted = { hits: 0, misses: 0 };
    const counting = paced(() => {
      const count = counted;
      counted = { hits: 0, misses: 0 };
      void countLooks(database, site, count);
    }, countEveryMs);
    const looks = createLooks(site, ({ hits, misses }) => {
      counted = { hits: counted.hits + hits, misses: counted.misses + misses };
      counting.run();
    });
    const own = device;
    // One at a time: where the network comes and goes, asking for the same again and again would keep scans from being sent.
    let isPulling = false;
    let isAsked = false;
    const pullNow = async (): Promise<void> => {
      isAsked = true;
      if (isPulling) return;
      isPulling = true;
      while (isAsked && !isLeft && !savesData()) {
        isAsked = false;
        await pull(database, site, own).catch(() => {});
      }
      isPulling = false;
    };
    const occasions = createOccasions(() => void pullNow(), site);
    const look = () => {
      const { rows } = outbox.get();
      looks.look(rows);
      occasions.scanned(rows);
    };
    const takePart = () => occasions.takesPart(sessionAt(station.get().settings, site));
    const seen = () => {
      if (document.visibilityState === "visible") occasions.seen();
    };
    const pulling = setInterval(occasions.now, pullEveryMs);
    const telling = setInterval(() => void looks.tell(own), tellEveryMs);
    const leave = outbox.subscribe(look);
    const leaveStation = station.subscribe(takePart);
    addEventListener("online", occasions.now);
    document.addEventListener("visibilitychange", seen);
    occasions.now();
    occasions.scanned(outbox.get().rows);
    takePart();
    stop = () => {
      void looks.tell(own);
      clearInterval(pulling);
      clearInterval(telling);
      leave();
      counting.cancel();
      leaveStation();
      occasions.stop();
      removeEventListener("online", occasions.now);
      document.removeEventListener("visibilitychange", seen);
      database.close();
    };
  };
  void begin().catch(() => {});
  return () => {
    isLeft = true;
    stop();
  };
};
