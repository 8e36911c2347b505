import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { inOrder, longest } from "./long-first.ts";
import { root } from "./project-files.ts";

const file = (path: string) => ({ path: `/house/${path}` });
const named = (files: readonly { readonly path: string }[]) =>
  files.map(({ path }) => path.slice("/house/".length));

test("the longest are files that there are", () => {
  expect(longest.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test("the longest begin first", () => {
  const backwards = longest.toReversed().map((path) => file(path));
  expect(named(inOrder([file("deploy/acceptance/other.test.ts"), ...backwards]))).toEqual([
    ...longest,
    "deploy/acceptance/other.test.ts",
  ]);
});

test("whole Tagwires are spread between the others", () => {
  const wholes = [1, 2, 3].map((one) => file(`deploy/acceptance/whole-${one}.test.ts`));
  const parts = [1, 2, 3, 4, 5, 6].map((one) => file(`libs/bus/src/part-${one}.nats.test.ts`));
  const kinds = inOrder([...parts, ...wholes]).map(({ path }) => (path.includes("whole") ? "W" : "p"));
  expect(kinds.join("")).toBe("WppWppWpp");
});

test("nothing is lost and nothing comes twice", () => {
  const some = ["deploy/a.test.ts", "libs/b.test.ts", "libs/c.test.ts"].map((path) => file(path));
  expect(named(inOrder(some)).sort()).toEqual(["deploy/a.test.ts", "libs/b.test.ts", "libs/c.test.ts"]);
});
