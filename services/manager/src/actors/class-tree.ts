import type { CategoryCounts, ClassRow, ItemCounts, SubcategoryCounts } from "@tagwire/messages";

const nothing: ItemCounts = {
  ...{ total: 0, ready: 0, available: 0, staged: 0, provisioned: 0 },
  ...{ out: 0, inService: 0, missing: 0, ended: 0 },
};
const members = Object.keys(nothing) as (keyof ItemCounts)[];

/** The counts alone, summed. */
const sumOf = (rows: readonly ItemCounts[]): ItemCounts => {
  const sum = { ...nothing };
  for (const row of rows) for (const member of members) sum[member] += row[member];
  return sum;
};

/** By name, and what has none last. */
const byName = (
  [left]: readonly [string | null, unknown],
  [right]: readonly [string | null, unknown],
): number => {
  if (left === null || right === null) return Number(left === null) - Number(right === null);
  return left < right ? -1 : 1;
};

const named = (rows: readonly ClassRow[], of: (row: ClassRow) => string | null | undefined) =>
  [...Map.groupBy(rows, (row) => of(row) ?? null)].sort(byName);

const subcategoryOf = (subcategory: string | null, rows: readonly ClassRow[]): SubcategoryCounts => ({
  subcategory,
  classes: rows.map((row) => row.class),
  ...sumOf(rows),
});

/**
 * Classes as people look for them, category by category. Every class is in exactly one place, so what is above is the sum of what is
 * below, and all of it the sum of the classes.
 */
export const classTree = (classes: readonly ClassRow[]): CategoryCounts[] =>
  named(classes, ({ category }) => category).map(([category, own]) => {
    const subcategories = named(own, ({ subcategory }) => subcategory).map(([name, rows]) =>
      subcategoryOf(name, rows),
    );
    return { category, ...sumOf(subcategories), subcategories };
  });
