import { Fault, type RfidproDataset } from "@tagwire/messages";
import { rawText } from "../actors/raw-field.ts";
import type { RawRow } from "../actors/rows.ts";
import type { Asked, Read } from "./client.ts";
import { orderField, refuseDrift } from "./fields.ts";
import type { Pass } from "./pass.ts";
import { isWithin, type Window } from "./window.ts";

/** How a reading ended: whole, or why not. `moved` says that the set did not stand still, and `ignored` that the filter is not honoured. */
export type Ended =
  | { readonly is: "whole"; readonly total: number }
  | {
      readonly is: "moved" | "short" | "ignored";
      readonly why: string;
      readonly total: number;
    };

export type Reading = {
  readonly dataset: RfidproDataset;
  readonly pass: Pass;
  readonly window: Window;
  readonly pageRows: number;
  /** As it was counted before, where a reading goes on. */
  readonly total: number | undefined;
  readonly read: (asked: Asked) => Promise<Read>;
  readonly page: (page: Read, offset: number) => Promise<void>;
};

/** The look behind the end may be answered with an error: there is nothing there. */
const isNothingThere = (error: unknown): boolean =>
  error instanceof Fault && (error.code === "rfidpro.refused" || error.code === "rfidpro.error");

const isOutOfOrder = (
  { dataset, window }: Reading,
  before: RawRow | undefined,
  rows: readonly RawRow[],
): boolean => {
  if (window.sorts.length === 0 || dataset !== "transactions" || before === undefined) return false;
  const field = orderField[dataset];
  const [first] = rows;
  return first !== undefined && rawText(first, field) < rawText(before, field);
};

/** What is wrong with a page, by what is known of those before it. */
const faultOf = (
  reading: Reading,
  page: Read,
  total: number,
  before: RawRow | undefined,
): Ended | undefined => {
  const { pass, window } = reading;
  const offset = pass.rows;
  const { rows } = page;
  if (page.total !== total)
    return { is: "moved", why: `RFIDpro counted ${total} rows, then ${page.total}`, total: page.total };
  if (!isWithin(window, rows))
    return {
      is: "ignored",
      why: "RFIDpro gave rows that were not asked for, so it ignores the filter",
      total,
    };
  const earlier = pass.pageBefore(rows);
  if (earlier !== undefined)
    return { is: "moved", why: `the page from row ${offset} was that from row ${earlier} again`, total };
  if (offset + rows.length > total)
    return { is: "short", why: `RFIDpro counts ${total} rows and gives more`, total };
  if (isOutOfOrder(reading, before, rows))
    return { is: "moved", why: `the order broke at row ${offset}`, total };
  return undefined;
};

/**
 * Reads a data set page by page until RFIDpro gives no more, which is looked at and not reckoned: what it counts may be a lie.
 *
 * @throws Fault when a page cannot be had, or not be read
 */
export const readPass = async (reading: Reading): Promise<Ended> => {
  const { dataset, pass, window, pageRows, read } = reading;
  let { total } = reading;
  let before: RawRow | undefined;
  for (;;) {
    const offset = pass.rows;
    const isBehindEnd = total !== undefined && offset >= total;
    const asked = { offset, limit: pageRows, filters: window.filters, sorts: window.sorts };
    const page = await read(asked).catch((error: unknown) => {
      if (isBehindEnd && isNothingThere(error)) return undefined;
      throw error;
    });
    if (page === undefined) return { is: "whole", total: total ?? 0 };
    refuseDrift(dataset, page.rows);
    total ??= page.total;
    // Some servers give their last page once more to whoever asks for what is behind it.
    if (isBehindEnd && page.total === total && page.rows.length > 0 && pass.isLastPage(page.rows))
      return { is: "whole", total };
    const fault = faultOf(reading, page, total, before);
    if (fault !== undefined) return fault;
    if (page.rows.length === 0) {
      if (offset === total) return { is: "whole", total };
      return { is: "short", why: `RFIDpro counts ${total} rows and gives ${offset}`, total };
    }
    pass.add(page.rows);
    before = page.rows.at(-1);
    await reading.page(page, offset);
  }
};
