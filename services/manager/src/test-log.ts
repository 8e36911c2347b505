import { canonicalJson, chainHash, chainStart } from "@tagwire/digest";
import {
  type By,
  foldItem,
  type Item,
  type ItemChange,
  ItemCreated,
  ItemReturned,
  ItemSighted,
  type ItemStatus,
  type LoggedEvent,
  newId,
  ScanDismissed,
  ScanQuarantined,
  ScanRefused,
} from "@tagwire/messages";

/*
 * A site's log as operations would write it, for tests: events that follow each other densely, chained, each valid on what
 * came before it.
 */

/** Something that happens in a sample site. Whatever does not fit the state of the tag becomes what it would become there. */
export type Happening =
  | { readonly kind: "create"; readonly tag: string; readonly class: string; readonly status: ItemStatus }
  | { readonly kind: "move"; readonly tag: string; readonly status: ItemStatus; readonly place?: string }
  | { readonly kind: "sight" | "refuse"; readonly tag: string }
  /** What waits for the tag is dismissed, if anything does. */
  | { readonly kind: "dismiss"; readonly tag: string }
  /** A scan of what is no tag. */
  | { readonly kind: "garble" }
  | { readonly kind: "novelty" };

export type SampleLog = {
  readonly site: string;
  readonly epoch: number;
  readonly events: LoggedEvent[];
  readonly items: ReadonlyMap<string, Item>;
  /** Lets something happen and gives the events it became. */
  readonly happen: (what: Happening) => LoggedEvent[];
  /** Writes an event as it is given, valid or not. */
  readonly write: (
    type: string,
    tag: string | undefined,
    data: Record<string, unknown>,
    about?: About,
  ) => LoggedEvent;
  /** Writes an event that changes an item, which is then what the event made of it. */
  readonly change: (item: Item, type: string, what: Partial<ItemChange>, about?: About) => LoggedEvent;
};

/** What else the envelope of an event names. */
export type About = {
  readonly scanId?: string;
  readonly contract?: string;
  readonly session?: string;
  /** When it was recorded; a step after the event before it unless told. */
  readonly recordedAtMs?: number;
  readonly scannedAtMs?: number;
  readonly by?: By;
};

const scanToRecordMs = 40;
const firstMinuteMs = 1_000;
const hex = (digits: number): string => newId().replaceAll("-", "").padEnd(digits, "7").slice(-digits);

export const sampleLog = (options: {
  site: string;
  epoch?: number;
  startMs?: number;
  stepMs?: number;
}): SampleLog => {
  const { site, epoch = 1, startMs = Date.now() - firstMinuteMs, stepMs = 7 } = options;
  const events: LoggedEvent[] = [];
  const items = new Map<string, Item>();
  const waiting = new Map<string, string[]>();
  let hash = chainStart;

  const write: SampleLog["write"] = (type, tag, data, about = {}) => {
    const { scanId, contract, session, recordedAtMs = startMs + events.length * stepMs } = about;
    const { scannedAtMs = recordedAtMs - scanToRecordMs - (events.length % 50) } = about;
    const traceId = hex(32);
    const body = {
      epoch,
      pos: events.length + 1,
      id: newId(),
      type,
      site,
      ...(tag === undefined ? {} : { tag }),
      ...(contract === undefined ? {} : { contract }),
      ...(session === undefined ? {} : { session }),
      ...(scanId === undefined
        ? {}
        : {
            scanId,
            scannedAt: new Date(scannedAtMs).toISOString(),
          }),
      receivedAt: new Date(recordedAtMs - 5).toISOString(),
      recordedAt: new Date(recordedAtMs).toISOString(),
      by:
        about.by ??
        (events.length % 3 === 0 ? { device: "scanner-1", person: "ana" } : { device: "scanner-1" }),
      traceId,
      traceparent: `00-${traceId}-${hex(16)}-01`,
      data,
      prevHash: hash,
    };
    hash = chainHash(hash, canonicalJson(body));
    const event: LoggedEvent = { ...body, hash };
    events.push(event);
    return event;
  };

  const change: SampleLog["change"] = (item, type, { set = {}, ...rest }, about) => {
    const event = write(
      type,
      item.tag,
      {
        version: Object.keys(set).length === 0 ? item.version : item.version + 1,
        set,
        was: { status: item.status, contract: item.contract, place: item.place },
        outcome: "accepted",
        flags: [],
        ...(about?.scanId === undefined ? {} : { scan: { type: "touch" } }),
        ...rest,
      },
      about,
    );
    const after = foldItem(item, event);
    if (after !== undefined) items.set(item.tag, after);
    return event;
  };

  const create = (what: Extract<Happening, { kind: "create" }>): LoggedEvent[] => {
    const item: Item = {
      tag: what.tag,
      class: what.class,
      name: null,
      status: what.status,
      quality: null,
      place: null,
      contract: null,
      notes: null,
      version: 1,
      pos: events.length + 1,
      lastFactAt: null,
      role: null,
      condition: null,
      lastService: null,
      replaces: null,
      replacedBy: null,
      lastScan: null,
      placeAt: null,
      qualityAt: null,
    };
    const created = write(ItemCreated.type, what.tag, { item });
    items.set(what.tag, { ...item, pos: created.pos });
    const decided = (waiting.get(what.tag) ?? []).map((scanId) =>
      change(items.get(what.tag) ?? item, ItemSighted.type, { flags: ["from_quarantine"] }, { scanId }),
    );
    waiting.delete(what.tag);
    return [created, ...decided];
  };

  const quarantine = (tag: string): LoggedEvent[] => {
    const scan = { id: newId(), tag, type: "touch", scannedAt: new Date(startMs).toISOString() };
    waiting.set(tag, [...(waiting.get(tag) ?? []), scan.id]);
    return [write(ScanQuarantined.type, tag, { scan, code: "tag_unknown" }, { scanId: scan.id })];
  };

  const dismiss = (tag: string): LoggedEvent[] => {
    const scans = waiting.get(tag) ?? [];
    waiting.delete(tag);
    return scans.length === 0 ? [] : [write(ScanDismissed.type, tag, { scans, reason: "not ours" })];
  };

  const garble = (): LoggedEvent => {
    const scan = { id: newId(), tag: "\t", type: "touch", scannedAt: new Date(startMs).toISOString() };
    return write(ScanRefused.type, undefined, { scan, code: "tag_malformed" }, { scanId: scan.id });
  };

  const happen = (what: Happening): LoggedEvent[] => {
    if (what.kind === "novelty") return [write("item.polished.v7", "whatever", { shine: 3 })];
    if (what.kind === "garble") return [garble()];
    const item = items.get(what.tag);
    if (what.kind === "dismiss") return dismiss(what.tag);
    if (what.kind === "create" && item === undefined) return create(what);
    if (item === undefined) return quarantine(what.tag);
    const scanId = newId();
    if (what.kind === "refuse") return [change(item, ItemSighted.type, { outcome: "rejected" }, { scanId })];
    const lastFactAt = new Date(startMs + events.length * stepMs).toISOString();
    const lastScan = {
      id: scanId,
      type: "touch",
      scannedAt: lastFactAt,
      place: null,
      by: { device: "scanner-1" },
    };
    if (what.kind === "move") {
      const work = {
        ...{ from: item.status, technician: "Ines", done: ["washed"], cleared: { dirty: true } },
        ...{ at: lastFactAt, scanId },
      };
      const isMended = what.status === "ready" && ["wash", "repair", "inspect", "wet"].includes(item.status);
      const set = {
        ...{ status: what.status, place: what.place ?? null, placeAt: lastFactAt, lastFactAt, lastScan },
        ...(isMended ? { lastService: work } : {}),
      };
      return [change(item, ItemReturned.type, { set }, { scanId })];
    }
    return [change(item, ItemSighted.type, { set: { lastScan } }, { scanId })];
  };

  return { site, epoch, events, items, happen, write, change };
};

const statuses = ["ready", "on_rent", "wash", "missing", "delivered", "repair"] as const;

const kinds = ["create", "move", "sight", "move", "refuse", "move", "novelty"] as const;
/** Every so many of them is a scan of what is no tag. */
const garbleEvery = 13;

/** Lets `count` things happen to about `tags` tags, always the same ones. */
export const busyDays = (log: SampleLog, count: number, tags = 50): SampleLog => {
  const pick = <T>(from: readonly T[], at: number): T => {
    const picked = from[at % from.length];
    if (picked === undefined) throw new RangeError("nothing to pick from");
    return picked;
  };
  for (let at = 0; at < count; at += 1) {
    const tag = `TAG-${(at * 7919) % tags}`;
    const kind = at % garbleEvery === garbleEvery - 1 ? "garble" : pick(kinds, at);
    if (kind === "novelty" || kind === "garble") log.happen({ kind });
    else log.happen({ kind, tag, class: `class ${at % 5}`, status: pick(statuses, at + (at >> 3)) });
  }
  return log;
};
