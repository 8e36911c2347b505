import type { RfidproRow } from "./rows.ts";

/** Whether RFIDpro does what it is asked, acts as if it had not heard, or answers with an error. */
export type Honours = "honoured" | "ignored" | "refused";

/** What a GET asks for. */
export type RfidproQuestion = {
  readonly offset: number;
  readonly limit: number;
  readonly filters: readonly Filter[];
  readonly sorts: readonly Sort[];
};

type Operator = "gt" | "ge" | "lt" | "le" | "eq" | "ne";
type Filter = { readonly field: string; readonly operator: Operator; readonly value: string };
type Sort = { readonly field: string; readonly isDescending: boolean };

/** What it says about a question that it does not take: an error with status 500, its message under `result`. */
export class QuestionRefused extends Error {}

/** An answer has at most so many rows, whatever is asked for. */
export const rowsPerAnswerMax = 200;

const filterForm = /^([A-Za-z_]{1,64}),(gt|ge|lt|le|eq|ne),'(.{0,256})'$/;
const sortForm = /^([A-Za-z_]{1,64})(?:,(asc|desc))?$/;

const readFilter = (text: string): Filter => {
  const [, field, operator, value] = filterForm.exec(text) ?? [];
  if (field === undefined || operator === undefined || value === undefined)
    throw new QuestionRefused(`invalid filter: ${text}`);
  return { field, operator: operator as Operator, value };
};

const readSort = (text: string): Sort => {
  const [, field, direction] = sortForm.exec(text) ?? [];
  if (field === undefined) throw new QuestionRefused(`invalid sort: ${text}`);
  return { field, isDescending: direction === "desc" };
};

const wholeNumber = (text: string | null, otherwise: number): number => {
  const number = Number(text ?? otherwise);
  return Number.isSafeInteger(number) && number >= 0 ? number : otherwise;
};

/** `filter[gt]=date_created,gt,'…'`, `sort[]=date_created,asc`, `offset`, `limit`. */
export const readQuestion = (parameters: URLSearchParams): RfidproQuestion => {
  const all = [...parameters];
  return {
    offset: wholeNumber(parameters.get("offset"), 0),
    limit: Math.min(rowsPerAnswerMax, wholeNumber(parameters.get("limit"), rowsPerAnswerMax)),
    filters: all.filter(([name]) => /^filter\[[a-z]*\]$/.test(name)).map(([, text]) => readFilter(text)),
    sorts: all.filter(([name]) => /^sort\[[a-z]*\]$/.test(name)).map(([, text]) => readSort(text)),
  };
};

const textOf = (row: RfidproRow, field: string): string => String(row[field] ?? "");

const comparisons: Readonly<Record<Operator, (own: string, value: string) => boolean>> = {
  gt: (own, value) => own > value,
  ge: (own, value) => own >= value,
  lt: (own, value) => own < value,
  le: (own, value) => own <= value,
  eq: (own, value) => own === value,
  ne: (own, value) => own !== value,
};

const refuseUnknown = (rows: readonly RfidproRow[], field: string): void => {
  const [first] = rows;
  if (first !== undefined && !Object.hasOwn(first, field))
    throw new QuestionRefused(`unknown field: ${field}`);
};

/** The rows that pass all filters. */
export const filtered = (rows: readonly RfidproRow[], filters: readonly Filter[]): readonly RfidproRow[] => {
  for (const { field } of filters) refuseUnknown(rows, field);
  if (filters.length === 0) return rows;
  return rows.filter((row) =>
    filters.every(
      // What has no value is neither before one nor behind it, as databases have it.
      ({ field, operator, value }) => row[field] !== null && comparisons[operator](textOf(row, field), value),
    ),
  );
};

/** The rows in the order that was asked for; what is equal keeps its order. */
export const sorted = (rows: readonly RfidproRow[], sorts: readonly Sort[]): readonly RfidproRow[] => {
  for (const { field } of sorts) refuseUnknown(rows, field);
  if (sorts.length === 0) return rows;
  return rows.toSorted((a, b) => {
    for (const { field, isDescending } of sorts) {
      const [left, right] = [textOf(a, field), textOf(b, field)];
      if (left !== right) return left < right === isDescending ? 1 : -1;
    }
    return 0;
  });
};
