import { itemsOfRealHouse } from "@tagwire/emulators";
import { expect, test } from "vitest";
import { liveMonth, type MonthDay } from "./test-month.ts";
import {
  contractsMiscounted,
  lotsMiscounted,
  rowsUnlike,
  scansLost,
  sessionsMiscounted,
  statusesUnlike,
} from "./test-month-checks.ts";
import { monthSeed } from "./test-month-seed.ts";
import { type LogReader, openLogReader } from "./test-month-site.ts";

/** Generous: it only decides how long a broken run takes to fail. */
const timeoutMs = 300_000;
/** Of what is wrong on a day, so much is told. */
const toldMax = 5;

const wrongIn = ({ site, ledger }: MonthDay, reader: LogReader, sincePos: number): string[] => [
  ...rowsUnlike(site.rows, reader, sincePos),
  ...scansLost(site, ledger),
  ...contractsMiscounted(site.rows),
  ...lotsMiscounted(site.rows, ledger),
  ...sessionsMiscounted(site.rows, sincePos),
  ...statusesUnlike(site.log, site.rows),
];

test(
  `a month of the real house, seed ${monthSeed}: at the end of each day nothing is lost and every figure is that of the log`,
  () => {
    const reader = openLogReader();
    const days = [];
    for (const today of liveMonth(monthSeed, { isModelled: true })) {
      const { day, site, ledger, model } = today;
      // Rows are compared on the days on which something is said of them; all of them are when the month is over.
      const sincePos = days.length === 0 ? 0 : reader.pos();
      const wrong = [
        ...reader.read(site.log),
        ...ledger.wrong(),
        ...wrongIn(today, reader, sincePos),
        ...(model?.wrong(site, sincePos) ?? []),
      ];
      expect(wrong.slice(0, toldMax), `${wrong.length} things are wrong at the end of day ${day}`).toEqual(
        [],
      );
      days.push(today);
    }
    const last = days.at(-1);
    if (last === undefined) throw new Error("a month without a day");
    const { site, ledger, met } = last;
    expect(wrongIn(last, reader, 0)).toEqual([]);

    // A month in which something never happens would prove nothing about it.
    expect(days.length).toBeGreaterThan(20);
    expect(site.rows.items.size).toBeGreaterThanOrEqual(itemsOfRealHouse);
    for (const kind of [
      "scan-session",
      "contract-opened",
      "contract-closed",
      "session-undone",
      "upload-repeated",
      "item-commissioned",
    ] as const)
      expect(met.get(kind) ?? 0, kind).toBeGreaterThan(0);
    const { read, repeats, ...outcomes } = ledger.figures();
    expect(read).toBeGreaterThan(3_000);
    expect(repeats).toBeGreaterThan(0);
    for (const outcome of ["accepted", "already_applied", "quarantined"] as const)
      expect(outcomes[outcome], outcome).toBeGreaterThan(0);
  },
  timeoutMs,
);
