import { valueText } from "../../words/row-values.ts";

type Side = { readonly row: Readonly<Record<string, unknown>> | null };

/**
 * Every field in which what is shown is not the same on all sides that have it, those that the audit named first. Sides spell an instant
 * each in its own way, and not every side keeps every field: only what a person would read as different is.
 */
export const unlikeFields = (
  sides: readonly Side[],
  { named, timeZone }: { readonly named: readonly string[]; readonly timeZone: string },
): string[] => {
  const rows = sides.flatMap(({ row }) => (row === null ? [] : [row]));
  const all = new Set(rows.flatMap((row) => Object.keys(row)));
  const isUnlike = (field: string): boolean => {
    const told = rows.filter((row) => field in row).map((row) => valueText(row[field], field, timeZone));
    return new Set(told).size > 1;
  };
  return [...new Set([...named, ...[...all].filter(isUnlike)])];
};
