import type { AvailableItem, FlaggedScan, Item, LoggedEvent, UnseenItem } from "@tagwire/messages";

/*
 * What the boards of a site should say, reckoned from its log event by event, the long way: nothing here is one of the manager's folds,
 * so that a mistake of theirs is not made twice. Its days are those of UTC.
 */

/** The bounds of the lags as they are published, in ms; what is longer than the last is in a bucket of its own. */
const bounds = [
  5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 500, 750, 1e3, 2e3, 5e3, 1e4, 3e4, 6e4, 3e5, 9e5, 3.6e6, 1.44e7,
  8.64e7,
] as const;
/** From so many seconds on, a scan came late. */
const lateSeconds = 900;
const dayMs = 86_400_000;

type Body = {
  readonly item?: Item;
  readonly set?: Partial<Item>;
  readonly version?: number;
  readonly scan?: { readonly type: string };
  readonly outcome?: FlaggedScan["outcome"];
  readonly code?: string;
  readonly flags?: readonly string[];
  readonly undoes?: number;
};

/** Since when an item is in its status, and since when it was not out or had not been. */
type Ages = { readonly statusAtMs: number; readonly freeAtMs: number };

/** Where an item counts from an instant on, how old it is there, and the event that said so. */
type Stay = Ages & {
  readonly pos: number;
  readonly atMs: number;
  readonly class: string;
  readonly status: Item["status"];
};

/** A thing through its life under one tag. */
type Life = {
  item: Item;
  ages: Ages;
  seenAtMs: number | undefined;
  changedAtMs: number;
  readonly stays: Stay[];
};

export type Lags = {
  readonly counts: number[];
  sumMs: number;
  maxMs: number;
};

const iso = (ms: number): string => new Date(ms).toISOString();
/** An instant that a device told, which is no later than the record of it. */
const toldMs = (at: string | null | undefined, recordedAtMs: number): number =>
  at == null ? recordedAtMs : Math.min(Date.parse(at), recordedAtMs);
const isOut = ({ status }: Pick<Item, "status">): boolean => status === "on_rent" || status === "delivered";
const strayOf = (type: string): FlaggedScan["outcome"] | undefined =>
  type === "scan.quarantined.v1" ? "quarantined" : type === "scan.refused.v1" ? "rejected" : undefined;

export type Reckoning = ReturnType<typeof openReckoning>;

export const openReckoning = () => {
  const lives = new Map<string, Life>();
  const flagged = new Map<number, FlaggedScan>();
  const lags = new Map<string, Lags>();
  /** Stays that were taken back, by the event that did so: whoever takes that back has them again. */
  const taken = new Map<number, Stay>();
  /** How old things were when they got another tag, by that tag. */
  const renamed = new Map<string, Ages>();

  const flag = (event: LoggedEvent, outcome: FlaggedScan["outcome"], body: Body): void => {
    const { scannedAt, recordedAt } = event;
    const seconds = scannedAt === undefined ? null : (Date.parse(recordedAt) - Date.parse(scannedAt)) / 1_000;
    const { flags = [], code } = body;
    const marks = new Set(flags);
    marks.delete("stray");
    if (code !== undefined && outcome !== "quarantined") marks.add(code);
    if (outcome === "rejected") marks.add("rejected");
    if (seconds !== null && seconds >= lateSeconds && !marks.has("from_quarantine")) marks.add("late");
    if (marks.size === 0) return;
    flagged.set(event.pos, {
      pos: event.pos,
      event: event.type,
      scanId: event.scanId ?? null,
      scan: body.scan?.type ?? null,
      tag: event.tag ?? null,
      contract: event.contract ?? null,
      session: event.session ?? null,
      by: event.by,
      outcome,
      code: code ?? null,
      marks: [...marks],
      scannedAt: scannedAt ?? null,
      receivedAt: event.receivedAt,
      recordedAt,
      lateSeconds: seconds,
      traceId: event.traceId,
    });
  };

  const measure = ({ scannedAt, recordedAt }: LoggedEvent): void => {
    if (scannedAt === undefined) return;
    const ms = Date.parse(recordedAt) - Date.parse(scannedAt);
    const minute = `${iso(Date.parse(recordedAt)).slice(0, 16)}:00.000Z`;
    const own = lags.get(minute) ?? { counts: bounds.map(() => 0).concat(0), sumMs: 0, maxMs: 0 };
    lags.set(minute, own);
    const lag = Math.max(ms, 0);
    const bucket = bounds.filter((bound) => bound < lag).length;
    own.counts[bucket] = (own.counts[bucket] ?? 0) + 1;
    own.sumMs += lag;
    own.maxMs = Math.max(own.maxMs, lag);
  };

  const stay = (life: Life, event: LoggedEvent, atMs: number, undoes: number | undefined): void => {
    const { stays, item } = life;
    const last = stays.at(-1);
    if (undoes !== undefined && last?.pos === undoes && stays.length > 1) {
      stays.pop();
      taken.set(event.pos, last);
      life.ages = stays.at(-1) ?? life.ages;
      return;
    }
    const again = undoes === undefined ? undefined : taken.get(undoes);
    life.ages = again ?? life.ages;
    const fromMs = again?.atMs ?? (undoes === undefined ? atMs : (last?.atMs ?? atMs));
    stays.push({
      pos: event.pos,
      atMs: Math.max(fromMs, last?.atMs ?? fromMs),
      class: item.class,
      status: item.status,
      statusAtMs: life.ages.statusAtMs,
      freeAtMs: life.ages.freeAtMs,
    });
  };

  const create = (event: LoggedEvent, made: Item): void => {
    const recordedAtMs = Date.parse(event.recordedAt);
    const factAtMs = toldMs(made.lastFactAt, recordedAtMs);
    const item = { ...made, pos: event.pos };
    const life: Life = {
      item,
      ages: renamed.get(item.tag) ?? { statusAtMs: factAtMs, freeAtMs: factAtMs },
      seenAtMs: made.lastScan === null ? undefined : toldMs(made.lastScan.scannedAt, recordedAtMs),
      changedAtMs: recordedAtMs,
      stays: [],
    };
    lives.set(item.tag, life);
    stay(life, event, recordedAtMs, undefined);
  };

  const change = (event: LoggedEvent, life: Life, { set = {}, version, undoes }: Body): void => {
    if (Object.keys(set).length === 0) return;
    const recordedAtMs = Date.parse(event.recordedAt);
    const before = life.item;
    const after: Item = { ...before, ...set, version: version ?? before.version, pos: event.pos };
    life.item = after;
    life.changedAtMs = recordedAtMs;
    const factAtMs = toldMs(after.lastFactAt, recordedAtMs);
    if (set.replacedBy != null) renamed.set(set.replacedBy, life.ages);
    if (before.status !== after.status) {
      const freeAtMs = isOut(before) && !isOut(after) ? factAtMs : life.ages.freeAtMs;
      life.ages = { statusAtMs: factAtMs, freeAtMs };
    }
    if (before.status !== after.status || before.class !== after.class) {
      const isNewFact = before.lastFactAt !== after.lastFactAt;
      stay(life, event, isNewFact ? factAtMs : recordedAtMs, undoes);
    }
  };

  const read = (event: LoggedEvent): void => {
    const body = event.data as Body;
    const stray = strayOf(event.type);
    const life = event.tag === undefined ? undefined : lives.get(event.tag);
    if (stray !== undefined) {
      flag(event, stray, body);
      measure(event);
    } else if (event.type === "item.created.v1" && body.item !== undefined) create(event, body.item);
    else if (event.type.startsWith("item.") && life !== undefined) {
      change(event, life, body);
      if (event.scannedAt !== undefined) {
        const seenMs = toldMs(event.scannedAt, Date.parse(event.recordedAt));
        life.seenAtMs = Math.max(life.seenAtMs ?? seenMs, seenMs);
      }
      if (body.scan !== undefined && body.outcome !== undefined) {
        flag(event, body.outcome, body);
        if (!(body.flags ?? []).includes("from_quarantine")) measure(event);
      }
    }
  };

  const seen = ({ seenAtMs }: Life): string | null => (seenAtMs === undefined ? null : iso(seenAtMs));

  return {
    ...{ flagged, lags, taken, read },
    /** Since when what waits in service does. */
    since: (tag: string): string | undefined => {
      const life = lives.get(tag);
      return life === undefined ? undefined : iso(life.ages.statusAtMs);
    },
    available: (): Map<string, AvailableItem> =>
      new Map(
        [...lives.values()]
          .filter(({ item }) => item.status === "ready")
          .map((life) => {
            const { tag, class: name, status, quality, place, role = null } = life.item;
            const times = { since: iso(life.ages.freeAtMs), lastSeenAt: seen(life) };
            return [tag, { tag, class: name, status, quality, place, role, ...times }];
          }),
      ),
    unseen: (): Map<string, UnseenItem> =>
      new Map(
        [...lives.values()]
          .filter(({ item }) => !["missing", "sold", "retired"].includes(item.status))
          .map((life) => {
            const { tag, class: name, status, place, role = null } = life.item;
            const times = { since: seen(life) ?? iso(life.changedAtMs), lastSeenAt: seen(life) };
            return [tag, { tag, class: name, status, place, role, ...times }];
          }),
      ),
    /** Item-days by class and status from a day to another, both counted: where each item stood at the end of each of them. */
    itemDays: (from: string, to: string): Map<string, number> => {
      const days = new Map<string, number>();
      const [firstMs, endMs] = [Date.parse(from), Date.parse(to) + dayMs];
      for (const { stays } of lives.values())
        for (const [index, { atMs, class: name, status }] of stays.entries()) {
          // An item is where it was last on a day: so a stay has the days from its own to that of the next.
          const beginsMs = Math.max(firstMs, Math.floor(atMs / dayMs) * dayMs);
          const next = stays[index + 1];
          const endsMs = next === undefined ? endMs : Math.min(endMs, Math.floor(next.atMs / dayMs) * dayMs);
          if (endsMs <= beginsMs) continue;
          const key = `${name} ${status}`;
          days.set(key, (days.get(key) ?? 0) + (endsMs - beginsMs) / dayMs);
        }
      return days;
    },
  };
};
