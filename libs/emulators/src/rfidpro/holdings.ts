import { noise } from "../random.ts";
import { afterScan } from "./master.ts";
import { keyFields, type RfidproData, type RfidproRow, type RfidproSet, type RfidproUpload } from "./rows.ts";

export type HoldingsOptions = {
  readonly data: RfidproData;
  readonly seed: number | string;
  readonly nowMs: () => number;
  /** Whether rows stand in no order, as they do where none is asked for. */
  readonly isUnsorted: boolean;
  /** Whether they stand in another one whenever rows have come. */
  readonly movesOnArrival: boolean;
  /** Whether a scan that is uploaded says in the master what became of its item. */
  readonly masterFollows: boolean;
  /** How many uploads it holds at most: those that were there first stay, and no more are taken. */
  readonly uploadsMax: number;
};

/** Rows are moved in heaps of so many, as a database moves pages. */
const heapRows = 40;

/** What RFIDpro holds at the moment, in the order in which it gives rows when none is asked for. */
export class Holdings {
  readonly #options: HoldingsOptions;
  readonly #rows: Record<"classes" | "items", RfidproRow[]> = { classes: [], items: [] };
  #uploads: RfidproUpload[] = [];
  /** What the master has not been told yet, in the order of its arrival. */
  #untold: RfidproUpload[] = [];
  #moves = 0;
  #version = 0;
  #arrived = 0;
  readonly #ordered = new Map<
    RfidproSet,
    { readonly version: string; readonly rows: readonly RfidproRow[] }
  >();

  constructor(options: HoldingsOptions) {
    this.#options = options;
    this.hold(options.data);
  }

  /** Holds this from now on, and nothing of what it held. */
  hold({ classes, items, uploads }: RfidproData): void {
    this.#version += 1;
    this.#rows.classes = [...classes];
    this.#rows.items = [...items];
    this.#uploads = uploads.toSorted((a, b) => a.arrivesAtMs - b.arrivesAtMs);
    this.#untold = [];
  }

  /** What is there, as it was written. */
  rows(set: RfidproSet): readonly RfidproRow[] {
    if (set === "items") this.#tellMaster();
    if (set !== "transactions") return this.#rows[set];
    return this.#uploads.slice(0, this.#arrivedUntil(this.#options.nowMs())).map(({ row }) => row);
  }

  /** What is there, in the order of the moment. */
  ordered(set: RfidproSet): readonly RfidproRow[] {
    const { isUnsorted, movesOnArrival, nowMs } = this.#options;
    const arrived = set === "transactions" ? this.#arrivedUntil(nowMs()) : 0;
    if (set === "items") this.#tellMaster();
    if (movesOnArrival && arrived > this.#arrived) this.#moves += 1;
    this.#arrived = Math.max(this.#arrived, arrived);
    const version = `${this.#version}/${this.#moves}/${arrived}`;
    const kept = this.#ordered.get(set);
    if (kept?.version === version) return kept.rows;
    const rows = isUnsorted ? this.#heaped(this.rows(set), set) : this.rows(set);
    this.#ordered.set(set, { version, rows });
    return rows;
  }

  /** How many uploads come later than now. */
  coming(): number {
    return this.#uploads.length - this.#arrivedUntil(this.#options.nowMs());
  }

  /** Rows that come then. Gives how many of them it has room for: the first ones are taken. */
  upload(uploads: readonly RfidproUpload[]): number {
    const taken = uploads.slice(0, Math.max(0, this.#options.uploadsMax - this.#uploads.length));
    if (taken.length === 0) return 0;
    this.#version += 1;
    this.#uploads = [...this.#uploads, ...taken].toSorted((a, b) => a.arrivesAtMs - b.arrivesAtMs);
    if (this.#options.masterFollows)
      this.#untold = [...this.#untold, ...taken].toSorted((a, b) => a.arrivesAtMs - b.arrivesAtMs);
    return taken.length;
  }

  /** Makes of each row what `change` says; null takes it away. */
  change(set: RfidproSet, change: (row: RfidproRow, index: number) => RfidproRow | null): void {
    this.#version += 1;
    if (set !== "transactions") {
      this.#rows[set] = this.#rows[set].map(change).filter((row) => row !== null);
      return;
    }
    this.#uploads = this.#uploads.flatMap((upload, index) => {
      const row = change(upload.row, index);
      return row === null ? [] : [{ ...upload, row }];
    });
  }

  /** Takes a row away, and the first of its copies alone; another comes. */
  replace(set: RfidproSet, gone: RfidproRow | undefined, coming: RfidproRow): void {
    this.#version += 1;
    if (set === "transactions") {
      const at = this.#uploads.findIndex(({ row }) => row === gone);
      if (at >= 0) this.#uploads = this.#uploads.toSpliced(at, 1);
      this.upload([{ arrivesAtMs: this.#options.nowMs(), row: coming }]);
      return;
    }
    const at = gone === undefined ? -1 : this.#rows[set].indexOf(gone);
    this.#rows[set] = [...(at < 0 ? this.#rows[set] : this.#rows[set].toSpliced(at, 1)), coming];
  }

  /** Puts a row in the place of the one with its key, or beside the others. */
  put(set: "classes" | "items", row: RfidproRow): void {
    const key = row[keyFields[set]];
    const at = this.#rows[set].findIndex((one) => one[keyFields[set]] === key);
    this.#version += 1;
    if (at < 0) this.#rows[set].push(row);
    else this.#rows[set][at] = row;
  }

  /** Rows stand in another order from now on, and none comes or goes. */
  move(): void {
    this.#moves += 1;
  }

  /** Writes into the master what has come of scans since it was last asked for. */
  #tellMaster(): void {
    const nowMs = this.#options.nowMs();
    const due = this.#untold.filter(({ arrivesAtMs }) => arrivesAtMs <= nowMs);
    if (due.length === 0) return;
    this.#untold = this.#untold.slice(due.length);
    this.#version += 1;
    const scans = Map.groupBy(due, ({ row }) => row.tag_id);
    this.#rows.items = this.#rows.items.map((item) =>
      (scans.get(item.tag_id) ?? []).reduce((known, { row }) => afterScan(known, row), item),
    );
  }

  #heaped(rows: readonly RfidproRow[], set: RfidproSet): readonly RfidproRow[] {
    const heaps = Array.from({ length: Math.ceil(rows.length / heapRows) }, (_, heap) => heap);
    const places = new Map(heaps.map((heap) => [heap, noise(this.#options.seed, set, this.#moves, heap)]));
    return heaps
      .toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0))
      .flatMap((heap) => rows.slice(heap * heapRows, (heap + 1) * heapRows));
  }

  #arrivedUntil(nowMs: number): number {
    let from = 0;
    let to = this.#uploads.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#uploads[middle]?.arrivesAtMs ?? 0) <= nowMs) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
