import type { FaultAct } from "./faults.ts";
import type { Holdings } from "./holdings.ts";
import { filtered, type Honours, QuestionRefused, type RfidproQuestion, sorted } from "./questions.ts";
import { keyFields, type RfidproRow, type RfidproSet } from "./rows.ts";

export type Honoured = { readonly filter: Honours; readonly sort: Honours };
export type RfidproAnswer = { readonly status: number; readonly body: unknown };

const version = "1.0.9";

/** A message of RFIDpro: what it answers with instead of rows. */
export const saying = (status: number, message: string): RfidproAnswer => ({
  status,
  body: { result: { success: false, code: status, message }, version },
});

/** The seed data count in text, the others in numbers, and the word for the version differs too. */
const envelope = (
  set: RfidproSet,
  page: { rows: readonly unknown[]; total: number; returned: number; offset: number; limit: number },
): Record<string, unknown> => ({
  totalcount: set === "classes" ? String(page.total) : page.total,
  returncount: set === "classes" ? String(page.returned) : page.returned,
  offset: page.offset,
  limit: page.limit,
  data: page.rows,
  result: { success: true, code: 0 },
  ...(set === "classes" ? { Version: version } : { version }),
});

/** Sorting all rows for each of a hundred pages would be most of the work of a test. */
const sortedBefore = new WeakMap<readonly RfidproRow[], Map<string, readonly RfidproRow[]>>();
const answersKeptMax = 20;

const asked = (
  rows: readonly RfidproRow[],
  { filters, sorts }: RfidproQuestion,
  { filter, sort }: Honoured,
): readonly RfidproRow[] => {
  if (filters.length > 0 && filter === "refused") throw new QuestionRefused("filter not supported");
  if (sorts.length > 0 && sort === "refused") throw new QuestionRefused("sort not supported");
  const kept = sortedBefore.get(rows) ?? new Map<string, readonly RfidproRow[]>();
  sortedBefore.set(rows, kept);
  const name = JSON.stringify([filters, sorts, filter, sort]);
  const known = kept.get(name);
  if (known !== undefined) return known;
  const passed = filter === "honoured" ? filtered(rows, filters) : rows;
  const found = sort === "honoured" ? sorted(passed, sorts) : passed;
  if (kept.size < answersKeptMax) kept.set(name, found);
  return found;
};

/** Answers a GET of rows, with what is wrong with the answer itself. */
export const answerRows = (
  set: RfidproSet,
  question: RfidproQuestion,
  { holdings, honours, fault }: { holdings: Holdings; honours: Honoured; fault: FaultAct | undefined },
): RfidproAnswer => {
  try {
    if (fault?.act === "replace")
      holdings.replace(set, asked(holdings.ordered(set), question, honours)[fault.place], fault.row);
    const rows = asked(holdings.ordered(set), question, honours);
    const from = fault?.act === "earlier-page" ? Math.max(0, question.offset - fault.by) : question.offset;
    const whole = rows.slice(from, from + question.limit);
    const kept = fault?.act === "lose" ? whole.slice(fault.rows) : whole;
    const body = envelope(set, {
      rows: fault?.act === "drift" ? kept.map(fault.change) : kept,
      total: rows.length + (fault?.act === "count" ? fault.by : 0),
      returned: fault?.act === "lose" && fault.count === "false" ? whole.length : kept.length,
      offset: fault?.act === "earlier-page" && fault.echo === "given" ? from : question.offset,
      limit: question.limit,
    });
    return { status: 200, body: fault?.act === "answer" ? fault.change(body) : body };
  } catch (error) {
    if (error instanceof QuestionRefused) return saying(500, error.message);
    throw error;
  }
};

/**
 * Takes what is written, as RFIDpro would: each row with a result of its own, so that a batch may be taken in part. Transactions are
 * never written.
 */
export const answerWrite = (set: RfidproSet, body: unknown, holdings: Holdings): RfidproAnswer => {
  if (set === "transactions") return saying(405, "method not allowed");
  if (!Array.isArray(body)) return saying(500, "an array of rows is expected");
  const rows = body.map((row: unknown) => {
    const isRow =
      typeof row === "object" && row !== null && typeof (row as RfidproRow)[keyFields[set]] === "string";
    if (isRow) holdings.put(set, row as RfidproRow);
    return { result: { success: isRow, code: isRow ? 0 : 1 } };
  });
  const success = rows.every(({ result }) => result.success);
  return { status: 200, body: { data: [{ rows }], result: { success, code: success ? 0 : 1 }, version } };
};
