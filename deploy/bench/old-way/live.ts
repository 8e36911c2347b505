import { openConflicts } from "../headline/conflicts.ts";
import { delaysOf } from "../headline/delays.ts";
import { openHours } from "../headline/hours.ts";
import type { HeadlineMonth, Upload } from "../headline/month.ts";
import type { Outcome } from "../headline/outcome.ts";
import { booksOf, openTruth, wrongStatuses } from "../headline/truth.ts";
import { openPoller, type Step } from "./poller.ts";
import { openRfidpro, rowsOf, type TransactionRow } from "./rfidpro.ts";
import { openWire } from "./wire.ts";

/** `leftBehind` is what the real house was measured by. */
export type OldOutcome = Outcome & { readonly leftBehind: number };

type Arrival = { readonly row: TransactionRow; readonly upload: Upload; readonly index: number };

/** Which share of sessions ended when the poller had stopped looking for them: some of their scans were never copied. */
const leftBehindShare = (uploads: readonly Upload[], isCopied: (scan: string) => boolean): number => {
  const sessions = Map.groupBy(uploads, ({ act }) => act.session.id);
  const behind = [...sessions.values()].filter((own) =>
    own.some(({ scans }) => !scans.every(({ id }) => isCopied(id))),
  );
  return behind.length / Math.max(1, sessions.size);
};

/** Lives through a month the old way, in virtual time, and says what came of it. */
export const liveOldWay = ({ warehouse, startMs, uploads, scans, endMs }: HeadlineMonth): OldOutcome => {
  const books = booksOf(warehouse.items);
  const truth = openTruth(books);
  const wire = openWire();
  const rfidpro = openRfidpro(books);
  const poller = openPoller(rfidpro, wire, books);
  const conflicts = openConflicts();

  const arrivals: Arrival[] = uploads
    .flatMap((upload) => {
      const rows = rowsOf(upload);
      wire.upload(upload, rows);
      return rows.map((row, index) => ({ row, upload, index }));
    })
    .toSorted((a, b) => a.row.createdAtMs - b.row.createdAtMs);

  const record = { get: rfidpro.statusOf };
  let arrived = 0;
  let step: Step | undefined = poller.begin(startMs);
  const hours = openHours(startMs);
  const look = () => conflicts.look({ heard: truth.statuses, record, copy: poller.statuses });
  for (;;) {
    const arrival = arrivals[arrived];
    const nextMs = Math.min(arrival?.row.createdAtMs ?? Number.POSITIVE_INFINITY, step?.atMs ?? endMs);
    // What happens at the very end of an hour belongs to it, and a refresh that has begun by then comes to its end before anybody looks.
    if (step?.isWithin !== true) for (const _hour of hours.endedBy(Math.min(nextMs - 1, endMs))) look();
    if (nextMs >= endMs) break;
    if (arrival !== undefined && arrival.row.createdAtMs === nextMs) {
      arrived += 1;
      rfidpro.take(arrival.row);
      const scan = arrival.upload.scans[arrival.index];
      if (scan !== undefined) truth.hear(scan);
    } else step = step?.run();
  }

  for (const _hour of hours.endedBy(endMs)) look();

  const came = scans.flatMap(({ id }) => poller.seen.get(id) ?? []);
  const { begun, thingHours } = conflicts.counts();
  return {
    scans: scans.length,
    missed: scans.length - came.length,
    wrong: wrongStatuses(truth.statuses, poller.statuses).length,
    ...{ conflicts: begun, thingHours },
    delaysMs: delaysOf(scans, (id) => poller.seen.get(id)?.atMs, endMs),
    duplicates: came.reduce((sum, { rows }) => sum + rows - 1, 0),
    ...wire.counts(),
    leftBehind: leftBehindShare(uploads, (scan) => poller.seen.has(scan)),
  };
};
