import type { RfidproDataset } from "@tagwire/messages";
import type { RawRow } from "../actors/rows.ts";
import type { Asked, Read } from "./client.ts";
import { refuseDrift } from "./fields.ts";
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
  /** Told of each answer that brought rows, and which of its rows are new. */
  readonly page: (
    page: Read,
    news: { readonly offset: number; readonly rows: readonly RawRow[] },
  ) => Promise<void>;
};

/** What is wrong with a page, whatever rows came before it. */
const faultOf = ({ window }: Reading, page: Read, total: number): Ended | undefined => {
  if (page.total !== total)
    return { is: "moved", why: `RFIDpro counted ${total} rows, then ${page.total}`, total: page.total };
  if (isWithin(window, page.rows)) return undefined;
  return { is: "ignored", why: "RFIDpro gave rows that were not asked for, so it ignores the filter", total };
};

/**
 * Reads a data set page by page until RFIDpro gives no more, which is looked at and not reckoned: what it counts may be a lie. The look
 * asks for the last row once more, and for all behind it. So it is answered with rows, and an error is never taken for the end.
 *
 * @throws Fault when a page cannot be had, or not be read
 */
export const readPass = async (reading: Reading): Promise<Ended> => {
  const { dataset, pass, window, pageRows, read } = reading;
  let { total } = reading;
  for (;;) {
    const offset = pass.next;
    const page = await read({ offset, limit: pageRows, filters: window.filters, sorts: window.sorts });
    // Where no row is new there is nothing to judge: the last row alone may well be an odd one.
    if (page.rows.length > pass.rows - offset) refuseDrift(dataset, page.rows);
    total ??= page.total;
    const fault = faultOf(reading, page, total);
    if (fault !== undefined) return fault;
    const rows = pass.take(page.rows);
    if (rows === undefined)
      return {
        is: "moved",
        why: `rows moved: row ${pass.rows} was another when it was asked for again`,
        total,
      };
    if (pass.rows > total) return { is: "short", why: `RFIDpro counts ${total} rows and gives more`, total };
    if (rows.length === 0) {
      if (pass.rows === total) return { is: "whole", total };
      return { is: "short", why: `RFIDpro counts ${total} rows and gives ${pass.rows}`, total };
    }
    await reading.page(page, { offset, rows });
  }
};
