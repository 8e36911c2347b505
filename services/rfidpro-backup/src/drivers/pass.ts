import { createHash } from "node:crypto";
import type { RfidproDataset } from "@tagwire/messages";
import { rawText } from "../actors/raw-field.ts";
import { contentOf, naturalKeyOf } from "../actors/row-identity.ts";
import type { RawRow } from "../actors/rows.ts";

type Weighed = { readonly contents: readonly string[]; readonly name: string };

/** A row has four copies at most in real data; so many rows in a row that came before are no copies but a page that came twice. */
const copiesMax = 4;
const sumBits = 256;

/** What the very same row has in common wherever it moves: a scan that is uploaded again has another time of its creation. */
const keyOf = (dataset: RfidproDataset, row: RawRow): string =>
  `${naturalKeyOf(dataset, row)}/${dataset === "transactions" ? rawText(row, "date_created") : ""}`;

/**
 * Takes account of one reading of a data set, from its start to its end.
 *
 * Rows have no ids, and real ones have copies. Two copies in one answer are two rows, since an answer is of one moment. Two in different
 * answers may be two rows, or one that moved in between and pushed another one out of sight: that cannot be told from one reading. It
 * can from two that cut the set into pages elsewhere: copies are there both times, and what moved is not moved to the same effect.
 */
export class Pass {
  readonly #dataset: RfidproDataset;
  /** In which page a key was seen last. */
  readonly #pageOfKey = new Map<string, number>();
  readonly #pages = new Map<string, number>();
  readonly #weighed = new WeakMap<readonly RawRow[], Weighed>();
  #sum = 0n;
  #rows = 0;
  #repeats = 0;
  #page = 0;
  #lastPage = "";

  constructor(dataset: RfidproDataset) {
    this.#dataset = dataset;
  }

  get rows(): number {
    return this.#rows;
  }

  /** How many rows look like one of another page. */
  get repeats(): number {
    return this.#repeats;
  }

  /** A number that is the same for the same rows in whatever order: the sum of their hashes. */
  get sum(): bigint {
    return this.#sum;
  }

  /** From which row on the very same page was given before; undefined where it was not. */
  pageBefore(rows: readonly RawRow[]): number | undefined {
    return rows.length > copiesMax ? this.#pages.get(this.#weigh(rows).name) : undefined;
  }

  /** Whether this is once more the page that was given last. */
  isLastPage(rows: readonly RawRow[]): boolean {
    return this.#weigh(rows).name === this.#lastPage;
  }

  add(rows: readonly RawRow[]): void {
    const { name, contents } = this.#weigh(rows);
    this.#page += 1;
    this.#lastPage = name;
    this.#pages.set(name, this.#rows);
    for (const row of rows) {
      const key = keyOf(this.#dataset, row);
      const page = this.#pageOfKey.get(key);
      if (page !== undefined && page !== this.#page) this.#repeats += 1;
      this.#pageOfKey.set(key, this.#page);
    }
    for (const content of contents) this.#sum = BigInt.asUintN(sumBits, this.#sum + BigInt(`0x${content}`));
    this.#rows += rows.length;
  }

  /** Hashing the rows is most of the work of a reading, so it is done once for each page. */
  #weigh(rows: readonly RawRow[]): Weighed {
    const known = this.#weighed.get(rows);
    if (known !== undefined) return known;
    const contents = rows.map(contentOf);
    const weighed = { contents, name: createHash("sha256").update(contents.join("")).digest("hex") };
    this.#weighed.set(rows, weighed);
    return weighed;
  }
}
