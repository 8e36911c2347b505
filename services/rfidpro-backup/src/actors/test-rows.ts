import type { Item } from "@tagwire/messages";
import type { OperationsItem, OperationsScan } from "./operations-scan.ts";
import type { ClassRow, ItemRow, TransactionRow } from "./rows.ts";

/** Rows that say the same on both sides, to be changed where a test wants them to differ. */
const atMs = Date.UTC(2025, 5, 2, 14, 30, 0);
export const scannedAtMs = atMs;
export const tag = "3034257BF7194E4000001A85";

export const itemRow = (change: Partial<ItemRow> = {}): ItemRow => ({
  ...{ identity: "i1", content: "c1", oddities: [], tag, serial: null, rentalClass: "61708", name: "Chair" },
  ...{ quality: "A", place: "NR4x1", role: null, status: "ready", contract: null, scannedBy: "ann" },
  ...{ lastScannedAtMs: atMs, notes: null, ...change },
});

export const transactionRow = (change: Partial<TransactionRow> = {}): TransactionRow => ({
  ...{
    identity: "t1",
    content: "c1",
    oddities: [],
    tag,
    type: "touch",
    contract: null,
    rentalClass: "61708",
  },
  ...{ name: "Chair", status: "ready", quality: null, place: null, role: null, scannedBy: "ann" },
  ...{ scannedAtMs: atMs, createdAtMs: atMs + 60_000, condition: {}, other: null, notes: null, ...change },
});

export const classRow = (change: Partial<ClassRow> = {}): ClassRow => ({
  ...{
    identity: "c1",
    content: "c1",
    oddities: [],
    rentalClass: "61708",
    name: "Chair",
    bin: "NR4x1",
    ...change,
  },
});

export const item = (change: Partial<Item> = {}, touchedAt = "2025-06-02T15:00:00.000Z"): OperationsItem => ({
  item: {
    ...{ tag, class: "61708", name: "Chair", status: "ready", quality: "A", place: "NR4x1", contract: null },
    ...{ notes: null, version: 1, pos: 1, lastFactAt: null, role: null },
    lastScan: { id: "s1", type: "touch", scannedAt: new Date(atMs).toISOString(), place: null, by: {} },
    ...change,
  },
  touchedAt,
});

export const scan = (change: Partial<OperationsScan> = {}): OperationsScan => ({
  ...{ id: "s1", pos: 2, tag, type: "touch", atMs, contract: null, place: null, by: { device: "d" } },
  ...{ happenedAtMs: Date.UTC(2025, 5, 2, 15), ...change },
});
