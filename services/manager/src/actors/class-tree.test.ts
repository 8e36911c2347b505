import { itemStatuses } from "@tagwire/messages";
import fc from "fast-check";
import { expect, test } from "vitest";
import { classTree } from "./class-tree.ts";
import { classRow } from "./counts.ts";
import { addCounts, groupCounts } from "./status-counts.ts";

const belongs = fc.option(fc.constantFrom("Linen", "Seating", "Tents"), { nil: null });
const row = fc
  .record({
    statuses: fc.dictionary(fc.constantFrom(...itemStatuses), fc.integer({ min: 1, max: 9 })),
    category: belongs,
    subcategory: belongs,
  })
  .map(({ statuses, category, subcategory }) => ({ statuses, category, subcategory }));

test("every class is in one place of the tree, and each sum is of what is below it", () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 12 }), (all) => {
      const rows = all.map(({ statuses, category, subcategory }, at) => ({
        ...classRow(`class ${at}`, statuses),
        ...{ category, subcategory },
      }));
      const tree = classTree(rows);
      const found = tree.flatMap(({ category, subcategories }) =>
        subcategories.flatMap(({ subcategory, classes }) =>
          classes.map((name) => ({ class: name, category, subcategory })),
        ),
      );
      const expected = rows.map(({ class: name, category, subcategory }) => ({
        class: name,
        category,
        subcategory,
      }));
      expect(new Set(found)).toEqual(new Set(expected));
      expect(found).toHaveLength(rows.length);
      const countsOf = (is: (given: (typeof all)[number]) => boolean) =>
        groupCounts(
          all
            .filter(is)
            .map(({ statuses }) => statuses)
            .reduce(addCounts, {}),
        );
      for (const { category, subcategories, ...counts } of tree) {
        expect(counts).toEqual(countsOf((given) => given.category === category));
        for (const { subcategory, classes: _classes, ...own } of subcategories)
          expect(own).toEqual(
            countsOf((given) => given.category === category && given.subcategory === subcategory),
          );
      }
    }),
  );
});

test("categories and subcategories come by name, and what has none comes last", () => {
  const of = (name: string, category: string | null, subcategory: string | null) => ({
    ...classRow(name, { ready: 1 }),
    ...{ category, subcategory },
  });
  const tree = classTree([
    of("rag", null, null),
    of("pole", "Tents", "Frames"),
    of("chair", "Seating", null),
    of("6m", "Tents", null),
    of("bench", "Seating", "Wood"),
    { ...classRow("of no description", { wash: 2 }) },
  ]);
  expect(
    tree.map(({ category, subcategories }) => [
      category,
      subcategories.map(({ subcategory }) => subcategory),
    ]),
  ).toEqual([
    ["Seating", ["Wood", null]],
    ["Tents", ["Frames", null]],
    [null, [null]],
  ]);
  expect(tree.at(-1)).toMatchObject({ total: 3, available: 1, inService: 2 });
});
