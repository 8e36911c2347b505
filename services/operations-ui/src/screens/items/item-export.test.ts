import { expect, test } from "vitest";
import { exportAddress } from "./item-export.ts";
import { filterOf } from "./item-rows.ts";

test.each([
  { shown: "", file: "format=csv" },
  { shown: "status=wash&class=6m+frame&sort=tag", file: "format=csv&status=wash&class=6m+frame" },
  { shown: "group=out&place=dock", file: "format=csv&status=on_rent%2Cdelivered&place=dock" },
])("what is shown by $shown comes out by $file", ({ shown, file }) => {
  const address = exportAddress("yard", filterOf(new URLSearchParams(shown)), "csv");
  expect(address).toBe(`/api/v1/sites/yard/items:export?${file}`);
});

test("a search is no file, since it would hold something else", () => {
  expect(exportAddress("yard", filterOf(new URLSearchParams("q=chair")), "csv")).toBeUndefined();
});
