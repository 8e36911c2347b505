import type { MonthAct, ScanSessionAct } from "@tagwire/emulators";
import { newId } from "@tagwire/messages";
import { openDayCalls } from "../day-calls.ts";
import { requireLog } from "../day-checks.ts";
import { call, type Setting, untilQuiet } from "../setting.ts";
import { createItems, createSite } from "../stock.ts";
import { openConflicts } from "./conflicts.ts";
import { openCountedPost } from "./counted-post.ts";
import { delaysOf } from "./delays.ts";
import { openHours } from "./hours.ts";
import type { HeadlineMonth, Upload } from "./month.ts";
import type { Outcome } from "./outcome.ts";
import { answersTo, leftRefused } from "./refusals.ts";
import { openScreen } from "./screen.ts";
import { booksOf, openTruth, type Statuses, wrongStatuses } from "./truth.ts";

const site = "headline";
const scansPerRequest = 500;
const dayMs = 86_400_000;
/** Statuses that only scans lead to: such goods begin ready and are scanned out. */
const fromScansAlone: ReadonlySet<string> = new Set(["on_rent", "delivered"]);

export type WebOutcome = Outcome & {
  /** The same from when each scan was handed in, so without what its device was out of reach. */
  readonly ownDelaysMs: readonly number[];
  /** Refusals that a person answered on the spot. */
  readonly answered: number;
  /** Scans that were refused for something else, or once more though somebody meant them: which, and with what code. */
  readonly leftRefused: ReadonlyMap<string, string>;
  readonly events: number;
  /** Scans of which the screen was told nothing; in the delays they have waited until the end. */
  readonly unseen: number;
};

/** The house as its books have it when the month begins. */
const stockHouse = async ({ bus, system }: Setting, { warehouse, startMs }: HeadlineMonth): Promise<void> => {
  const { items, contracts } = warehouse;
  await createSite(bus, site);
  await createItems(bus, site, items.length, (index) => {
    const item = items[index];
    if (item === undefined) throw new RangeError(`no item ${index}`);
    const { tag, name, status, place, role } = item;
    const begins = fromScansAlone.has(status) ? "ready" : status;
    const whereabouts = { ...(place === null ? {} : { place }), ...(role === null ? {} : { role }) };
    return { tag, class: name, status: begins, ...whereabouts };
  });
  const { tell } = openDayCalls(system, site, warehouse);
  for (const contract of contracts) await tell({ kind: "contract-opened", atMs: startMs, contract });
  const out = items.filter(({ contract }) => contract !== null);
  const scannedAt = new Date(startMs - dayMs).toISOString();
  for (let from = 0; from < out.length; from += scansPerRequest) {
    const scans = out.slice(from, from + scansPerRequest).map(({ tag, status, contract }) => ({
      ...{ id: newId(), tag, type: status === "delivered" ? "delivery" : "rental", contract, scannedAt },
    }));
    await call(system, "POST", `/sites/${site}/scans`, { scans });
  }
};

/**
 * What the page hands in for a device: it has measured the device's clock against the server's, and scans carry the server's time. What the
 * device says of its own clock besides is as wrong as its clock. Who touches a few things on a shelf does not count the shelf: such sessions
 * name no place, or each would expect everything that is there; the scans do.
 */
const asPageHandsIn = ({ act, clockErrorMs }: Upload): ScanSessionAct => ({
  ...act,
  session: { ...act.session, place: null },
  scans: act.scans.map((scan) => ({ ...scan, scannedAtMs: scan.scannedAtMs - clockErrorMs })),
});

type Handed = { readonly atMs: number } & (
  | { readonly upload: Upload }
  | { readonly act: Extract<MonthAct, { kind: "contract-opened" | "contract-closed" }> }
);

/** Everything in the order in which it is handed in; what the office does goes before what is scanned at the same instant. */
const inOrder = ({ uploads, office }: HeadlineMonth): Handed[] =>
  [
    ...office.map((act): Handed => ({ atMs: act.atMs, act })),
    ...uploads.map((upload): Handed => ({ atMs: upload.webAtMs, upload })),
  ].toSorted((a, b) => a.atMs - b.atMs);

/** Statuses that one side has, kept up by what changed. */
const openSide = ({ sql }: Setting, schema: "operations" | "manager", books: Statuses) => {
  const statuses = new Map(books);
  let pos = 0;
  return {
    statuses: statuses as Statuses,
    read: async (): Promise<void> => {
      const rows = await sql<{ tag: string; status: string; pos: number }[]>`
        select tag, status, pos::int as pos from ${sql(schema)}.item where site = ${site} and pos > ${pos}`;
      for (const row of rows) {
        statuses.set(row.tag, row.status);
        pos = Math.max(pos, row.pos);
      }
    },
  };
};

/** How far the manager has read the log, and how often the log tells one scan more than once. */
const readCounts = async ({ sql }: Setting) => {
  const [row] = await sql<{ pos: number; duplicates: number }[]>`
    select
      (select pos::int from manager.site_position where site = ${site}) as pos,
      (select (count(scan_id) - count(distinct scan_id))::int from operations.event where site = ${site}) as duplicates`;
  return { readPos: row?.pos ?? -1, duplicates: row?.duplicates ?? 0 };
};

/** What was handed in of a scan: when by the clock of the month, when by ours, and the event that says it. */
type Told = { readonly handedInMs: number; readonly sentAtMs: number; readonly pos: number };

/**
 * Lives through the month with the real processes, as fast as they take it: each device hands in over HTTP when its page is in reach. At the
 * end of each hour, which has 3,600 s in the real house, both sides are looked at once the manager has what was committed; where nothing was
 * handed in since the look before, they are as they were, and stand for another hour.
 */
export const liveTagwire = async (setting: Setting, month: HeadlineMonth): Promise<WebOutcome> => {
  const { warehouse, startMs, scans, endMs } = month;
  const books = booksOf(warehouse.items);
  await stockHouse(setting, month);
  await untilQuiet(setting);
  const truth = openTruth(books);
  const sides = { record: openSide(setting, "operations", books), copy: openSide(setting, "manager", books) };
  const conflicts = openConflicts();
  const wire = openCountedPost();
  const screen = await openScreen(setting.system, site);
  const told = new Map<string, Told>();
  /** By session and tag, the event that says it. */
  const saidBy = new Map<string, number>();
  const refusedFor = new Map<string, string>();
  let sentAtMs = 0;
  let answered = 0;
  let isQuiet = false;
  let current: Upload | undefined;

  const { tell, record } = openDayCalls(setting.system, site, warehouse, {
    post: wire.post,
    clockErrorMs: () => current?.clockErrorMs ?? 0,
    heard: async (act, receipts, more) => {
      const handedInMs = current?.webAtMs ?? endMs;
      const note = (scan: string | undefined, pos: number | undefined) => {
        if (scan === undefined || pos === undefined || told.has(scan)) return;
        told.set(scan, { handedInMs, sentAtMs, pos });
      };
      const answers = answersTo(act, receipts);
      const refused = new Set(answers.map(({ means }) => means));
      for (const [scan, code] of leftRefused(receipts, refused)) refusedFor.set(scan, code);
      for (const [index, { id, code, event }] of receipts.entries()) {
        if (refused.has(id)) continue;
        const of = `${act.session.id} ${act.scans[index]?.tag}`;
        if (event !== undefined && !saidBy.has(of)) saidBy.set(of, event.pos);
        // Who scans a thing twice in a session says it once: what it says can be seen by the first.
        note(id, event?.pos ?? (code === "duplicate_in_session" ? saidBy.get(of) : undefined));
      }
      if (answers.length === 0 || current?.again === true) return;
      answered += answers.length / 2;
      const heard = await more(answers.map(({ scan }) => scan));
      for (const [index, receipt] of heard.entries()) {
        const means = answers[index]?.means;
        note(means, receipt.event?.pos);
        if (means === undefined) continue;
        for (const [, code] of leftRefused([receipt], new Set())) refusedFor.set(means, code);
      }
    },
  });

  const hand = async (one: Handed): Promise<void> => {
    if ("act" in one) return tell(one.act);
    const { upload } = one;
    current = upload;
    sentAtMs = screen.now();
    isQuiet = false;
    const act = asPageHandsIn(upload);
    await tell(
      upload.again ? { kind: "upload-repeated", atMs: upload.webAtMs, id: newId(), upload: act } : act,
    );
    for (const scan of upload.scans) truth.hear(scan);
  };

  const look = async (): Promise<void> => {
    if (!isQuiet) {
      await untilQuiet(setting);
      await Promise.all([sides.record.read(), sides.copy.read()]);
      isQuiet = true;
    }
    conflicts.look({
      heard: truth.statuses,
      record: sides.record.statuses,
      copy: sides.copy.statuses,
    });
  };

  try {
    const hours = openHours(startMs);
    for (const one of inOrder(month)) {
      for (const _hour of hours.endedBy(one.atMs)) await look();
      await hand(one);
    }
    for (const _hour of hours.endedBy(endMs)) await look();
    const events = await requireLog(setting, site, record);
    const { begun, thingHours } = conflicts.counts();
    const { requests, bytes } = wire.counts();
    // By the clock of the month it came when it was handed in, and as long after that as the processes took.
    const seenAtMs = (scan: string): number | undefined => {
      const one = told.get(scan);
      const arrivedMs = one === undefined ? undefined : screen.arrivals.get(one.pos);
      if (one === undefined || arrivedMs === undefined) return undefined;
      return one.handedInMs + Math.max(0, arrivedMs - one.sentAtMs);
    };
    const handedIn = scans.map(({ id, atMs }) => ({ id, atMs: told.get(id)?.handedInMs ?? atMs }));
    const { readPos, duplicates } = await readCounts(setting);
    // A receipt alone is no scan that came: the manager has to have read the event that says it, or that of the answer which was given for it.
    const isMissed = (scan: string): boolean => (told.get(scan)?.pos ?? Number.POSITIVE_INFINITY) > readPos;
    return {
      scans: scans.length,
      missed: scans.filter(({ id }) => isMissed(id)).length,
      duplicates,
      wrong: wrongStatuses(truth.statuses, sides.copy.statuses).length,
      ...{ conflicts: begun, thingHours, requests, answered, events, leftRefused: refusedFor },
      delaysMs: delaysOf(scans, seenAtMs, endMs),
      ownDelaysMs: delaysOf(handedIn, seenAtMs, endMs),
      unseen: scans.filter(({ id }) => seenAtMs(id) === undefined).length,
      bytes: bytes + screen.bytes(),
    };
  } finally {
    screen.close();
    wire.close();
  }
};
