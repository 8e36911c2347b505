import type { MonthAct, ScanSessionAct } from "@tagwire/emulators";
import { newId, type Receipt } from "@tagwire/messages";
import { openDayCalls, scanOf } from "../day-calls.ts";
import { requireLog } from "../day-checks.ts";
import { call, type Setting, untilQuiet } from "../setting.ts";
import { createItems, createSite } from "../stock.ts";
import { hourMs, openConflicts } from "./conflicts.ts";
import { openCountedPost } from "./counted-post.ts";
import type { HeadlineMonth, Upload } from "./month.ts";
import type { Outcome } from "./outcome.ts";
import { openScreen } from "./screen.ts";
import { booksOf, openTruth, type Statuses, wrongStatuses } from "./truth.ts";

const site = "headline";
const scansPerRequest = 500;
const dayMs = 86_400_000;
/** Statuses that only scans lead to: such goods begin ready and are scanned out. */
const fromScansAlone: ReadonlySet<string> = new Set(["on_rent", "delivered"]);
const forcedBecause = "it stands before me";

export type WebOutcome = Outcome & {
  /** From each request to the screen, without what the device was out of reach, in ms. */
  readonly ownDelaysMs: readonly number[];
  /** Refusals that a person answered on the spot. */
  readonly answered: number;
  readonly events: number;
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

/** Whoever is refused sees it at once, and does what the page says: scans the thing in, then forces what they meant, and says why. */
const answersTo = (act: ScanSessionAct, receipts: readonly Receipt[]): object[] => {
  const refused = new Set(receipts.flatMap(({ id, code }) => (code === "transition_refused" ? id : [])));
  return act.scans
    .filter(({ id }, index) => refused.has(id) && act.scans.findIndex((one) => one.id === id) === index)
    .flatMap((scan) => [
      { ...scanOf({ ...scan, id: newId(), type: "return" }, act.session.id) },
      { ...scanOf({ ...scan, id: newId() }, act.session.id), force: true, reason: forcedBecause },
    ]);
};

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

/** How often the log tells one scan more than once, and which scans have no receipt that the manager has gone past. */
const countScans = async ({ sql }: Setting, ids: readonly string[]) => {
  const [row] = await sql<{ kept: number; duplicates: number }[]>`
    select
      (select count(*)::int from operations.receipt where site = ${site} and id = any(${ids as string[]}::uuid[])
        and coalesce((receipt #>> '{event,pos}')::bigint, 0)
          <= (select pos from manager.site_position where site = ${site})) as kept,
      (select (count(scan_id) - count(distinct scan_id))::int from operations.event where site = ${site}) as duplicates`;
  return { missed: ids.length - (row?.kept ?? 0), duplicates: row?.duplicates ?? 0 };
};

/**
 * Lives through the month with the real processes, as fast as they take it: each device hands in over HTTP when its page is in reach. At the
 * end of each hour, which has 3,600 s in the real house, both sides are looked at once the manager has what was committed.
 */
export const liveTagwire = async (setting: Setting, month: HeadlineMonth): Promise<WebOutcome> => {
  const { warehouse, startMs, scans } = month;
  const books = booksOf(warehouse.items);
  await stockHouse(setting, month);
  await untilQuiet(setting);
  const truth = openTruth(books);
  const sides = { record: openSide(setting, "operations", books), copy: openSide(setting, "manager", books) };
  const conflicts = openConflicts();
  const wire = openCountedPost();
  const screen = await openScreen(setting.system, site);
  const began = { requests: 0, atMs: 0 };
  const told: { readonly pos: number; readonly sentAtMs: number; readonly heldMs: number }[] = [];
  let answered = 0;
  let current: Upload | undefined;

  const { tell, record } = openDayCalls(setting.system, site, warehouse, {
    post: wire.post,
    clockErrorMs: () => current?.clockErrorMs ?? 0,
    heard: async (act, receipts, more) => {
      const heldMs = (current?.webAtMs ?? 0) - (current?.act.happenedAtMs ?? 0);
      if (current?.again !== true)
        for (const { event } of receipts)
          if (event !== undefined) told.push({ pos: event.pos, sentAtMs: began.atMs, heldMs });
      const answers = answersTo(act, receipts);
      if (answers.length === 0 || current?.again === true) return;
      answered += answers.length / 2;
      await more(answers);
    },
  });

  const hand = async (one: Handed): Promise<void> => {
    if ("act" in one) return tell(one.act);
    const { upload } = one;
    current = upload;
    began.atMs = screen.now();
    const act = asPageHandsIn(upload);
    await tell(
      upload.again ? { kind: "upload-repeated", atMs: upload.webAtMs, id: newId(), upload: act } : act,
    );
    for (const scan of upload.scans) truth.hear(scan);
  };

  const look = async (): Promise<void> => {
    await untilQuiet(setting);
    await Promise.all([sides.record.read(), sides.copy.read()]);
    conflicts.look({
      heard: truth.statuses,
      record: sides.record.statuses,
      copy: sides.copy.statuses,
    });
  };

  try {
    let hourEndsMs = startMs + hourMs;
    for (const one of inOrder(month)) {
      // Between two hours in which nothing came nothing changes: what stood goes on to stand.
      if (one.atMs >= hourEndsMs) {
        await look();
        hourEndsMs = startMs + (Math.floor((one.atMs - startMs) / hourMs) + 1) * hourMs;
      }
      await hand(one);
    }
    await look();
    const events = await requireLog(setting, site, record);
    const { begun, thingHours } = conflicts.counts();
    const { requests, bytes } = wire.counts();
    const seen = told.flatMap(({ pos, sentAtMs, heldMs }) => {
      const atMs = screen.arrivals.get(pos);
      return atMs === undefined ? [] : [{ ownMs: atMs - sentAtMs, heldMs }];
    });
    return {
      scans: scans.length,
      ...(await countScans(
        setting,
        scans.map(({ id }) => id),
      )),
      wrong: wrongStatuses(truth.statuses, sides.copy.statuses).length,
      ...{ conflicts: begun, thingHours, requests, answered, events },
      delaysMs: seen.map(({ ownMs, heldMs }) => ownMs + heldMs),
      ownDelaysMs: seen.map(({ ownMs }) => ownMs),
      bytes: bytes + screen.bytes(),
    };
  } finally {
    screen.close();
    wire.close();
  }
};
