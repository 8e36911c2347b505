import type { RfidproDataset } from "@tagwire/messages";
import { rawText } from "../actors/raw-field.ts";
import type { Capability, RawRow } from "../actors/rows.ts";
import type { Asked, Read, Sort } from "./client.ts";
import { orderFields, refuseDrift } from "./fields.ts";
import { compareRows, isInOrder } from "./order.ts";
import { rowsPerAnswerMax } from "./settings.ts";

/*
 * RFIDpro answers a question that it did not understand like any other: with rows. So what it honours is told by the rows that come
 * back, never by its saying that it succeeded.
 */

export type Probed = {
  readonly capability: Capability;
  /** RFIDpro's own clock, in ms since 1970; null where it has not said. */
  readonly serverMs: number | null;
  /** Rows that there are, whatever filters find. */
  readonly total: number;
};

/** Asks once; undefined where the question is refused. */
export type Ask = (asked: Asked) => Promise<Read | undefined>;

const whole = { offset: 0, limit: rowsPerAnswerMax } as const;
/** A value of a filter stands between quotes, and nobody knows how RFIDpro would escape one. */
const quotable = /^[\w .:-]+$/;

const valuesOf = (rows: readonly RawRow[], field: string): string[] => rows.map((row) => rawText(row, field));

/** Honoured where one way up and the other way down come back in order, and differ: neither is how the rows lie anyway. */
const isSortHonoured = async (ask: Ask, fields: readonly string[]): Promise<boolean> => {
  const first = async (direction: Sort["direction"]): Promise<readonly RawRow[]> =>
    (await ask({ ...whole, sorts: fields.map((field) => ({ field, direction })) }))?.rows ?? [];
  const up = await first("asc");
  const down = await first("desc");
  const [least] = up;
  const [most] = down;
  if (least === undefined || most === undefined) return false;
  return compareRows(fields, least, most) < 0 && isInOrder(fields, up) && isInOrder(fields, down, "desc");
};

/** Honoured where a key brings its own rows, and not all there are. */
const isKeyFilterHonoured = async (ask: Ask, field: string, page: Read): Promise<boolean> => {
  const key = valuesOf(page.rows, field).find((value) => quotable.test(value));
  if (key === undefined) return false;
  const found = await ask({ ...whole, filters: [{ field, operator: "eq", value: key }] });
  if (found === undefined || found.rows.length === 0 || found.total >= page.total) return false;
  return valuesOf(found.rows, field).every((value) => value === key);
};

/** A value with rows on both sides of it; those that have it themselves are on neither. */
const middleOf = (values: readonly string[]): string | undefined => {
  const different = [...new Set(values)].filter((value) => quotable.test(value)).toSorted();
  return different.length < 3 ? undefined : different[different.length >> 1];
};

/** Honoured where both sides of an instant bring rows of that side, as many as are known at least, and never all. */
const isTimeFilterHonoured = async (ask: Ask, field: string, page: Read): Promise<boolean> => {
  let known = valuesOf(page.rows, field);
  if (middleOf(known) === undefined && page.total > known.length) {
    const last = await ask({ ...whole, offset: Math.max(0, page.total - rowsPerAnswerMax) });
    known = [...known, ...valuesOf(last?.rows ?? [], field)];
  }
  const middle = middleOf(known);
  if (middle === undefined) return false;
  const isOnSide = (operator: "gt" | "lt") => (value: string) =>
    operator === "gt" ? value > middle : value < middle;
  for (const operator of ["gt", "lt"] as const) {
    const found = await ask({ ...whole, filters: [{ field, operator, value: middle }] });
    if (found === undefined || found.rows.length === 0 || found.total >= page.total) return false;
    if (!valuesOf(found.rows, field).every(isOnSide(operator))) return false;
  }
  return true;
};

/**
 * Finds out what RFIDpro honours of a data set.
 *
 * @throws Fault where not even a plain question is answered
 */
export const probe = async (
  dataset: RfidproDataset,
  { read, ask }: { readonly read: (asked: Asked) => Promise<Read>; readonly ask: Ask },
): Promise<Probed> => {
  const fields = orderFields[dataset];
  const [field] = fields;
  const page = await read(whole);
  refuseDrift(dataset, page.rows);
  const { total, serverMs, rows } = page;
  const isSplit = total > rows.length && rows.length > 0;
  const filter =
    dataset === "transactions"
      ? await isTimeFilterHonoured(ask, field, page)
      : await isKeyFilterHonoured(ask, field, page);
  const sort = rows.length > 1 && (await isSortHonoured(ask, fields));
  return {
    capability: { filter, sort, rowsMax: isSplit ? rows.length : rowsPerAnswerMax },
    serverMs,
    total,
  };
};
