import type { RfidproDataset } from "@tagwire/messages";
import { rawText } from "../actors/raw-field.ts";
import { contentOf, naturalKeyOf } from "../actors/row-identity.ts";
import type { RawRow } from "../actors/rows.ts";
import { countLastEqual, isInOrder } from "./order.ts";

const sumBits = 256;
/** Of the longest answer so much is asked for again at most; where more rows are equal, their order proves nothing. */
const overlapShareMax = 0.5;

/** What the very same row has in common wherever it moves: a scan that is uploaded again has another time of its creation. */
const keyOf = (dataset: RfidproDataset, row: RawRow): string =>
  `${naturalKeyOf(dataset, row)}/${dataset === "transactions" ? rawText(row, "date_created") : ""}`;

/** Scans never change, so that they are weighed by all they say; things do all the time, and are weighed by what names them. */
const weightOf = (dataset: RfidproDataset, row: RawRow): bigint =>
  BigInt(`0x${dataset === "transactions" ? contentOf(row) : naturalKeyOf(dataset, row)}`);

/**
 * Takes account of one reading of a data set, from its start to its end.
 *
 * Pages are asked for by the number of their first row. When a row before that number goes, all behind it move up, and the one that
 * stood at the seam is in neither page; where another comes at the end, the count is as it was. So each question but the first asks
 * for the last row once more, and an answer that does not begin with it tells that rows moved.
 *
 * That is proof where rows stand in an order that none of them leaves. An answer is of one moment: it has every row of that moment
 * between its first and its last. Each answer begins with a row that comes before the last one of the answer before, truly before and not
 * equal to it. So nothing that stood throughout can be between two answers, whatever came and went. Of copies it has as many as there were in one
 * moment. Where there is no order that can be seen, rows may hop over the seam, and one reading proves nothing.
 */
export class Pass {
  readonly #dataset: RfidproDataset;
  readonly #order: readonly string[];
  /** Keys of those rows with which the next answer has to begin. */
  #seam: readonly string[] = [];
  #isOrdered: boolean;
  #answers = 0;
  #longest = 0;
  #sum = 0n;
  #rows = 0;

  /** @param order the fields by which RFIDpro was asked to sort; none where it does not */
  constructor(dataset: RfidproDataset, order: readonly string[]) {
    this.#dataset = dataset;
    this.#order = order;
    this.#isOrdered = order.length > 0;
  }

  get rows(): number {
    return this.#rows;
  }

  /** From which row on the next answer is to be asked for. */
  get next(): number {
    return this.#rows - this.#seam.length;
  }

  /** Whether no row that stood throughout can be missing in it. What came in one answer is of one moment, in whatever order. */
  get isProven(): boolean {
    return this.#answers === 1 || (this.#answers > 0 && this.#isOrdered);
  }

  /** A number that is the same for the same rows in whatever order: the sum of their hashes. */
  get sum(): bigint {
    return this.#sum;
  }

  /** Takes an answer, and gives those of its rows that are new; undefined where it does not begin with the rows before it. */
  take(answer: readonly RawRow[]): readonly RawRow[] | undefined {
    const isJoined = this.#seam.every((key, index) => {
      const row = answer[index];
      return row !== undefined && keyOf(this.#dataset, row) === key;
    });
    if (!isJoined) return undefined;
    const rows = answer.slice(this.#seam.length);
    if (rows.length === 0) return rows;
    this.#answers += 1;
    this.#longest = Math.max(this.#longest, answer.length);
    this.#isOrdered &&= isInOrder(this.#order, answer);
    for (const row of rows) this.#sum = BigInt.asUintN(sumBits, this.#sum + weightOf(this.#dataset, row));
    this.#rows += rows.length;
    this.#seam = this.#seamOf(answer).map((row) => keyOf(this.#dataset, row));
    return rows;
  }

  /** The last row, with those that are equal to it by the order, and the one before them. Without an order the last row alone. */
  #seamOf(answer: readonly RawRow[]): readonly RawRow[] {
    const equal = this.#isOrdered ? countLastEqual(this.#order, answer) : 0;
    const wanted = equal + 1;
    if (this.#isOrdered && wanted <= answer.length && wanted <= this.#longest * overlapShareMax)
      return answer.slice(-wanted);
    this.#isOrdered = false;
    return answer.slice(-1);
  }
}
