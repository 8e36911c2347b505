import { statSync } from "node:fs";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** These take a minute and more, the longest first: whichever began last would run on alone when all others are done. */
export const longest: readonly string[] = [
  "deploy/acceptance/audits-under-load.test.ts",
  "deploy/acceptance/outages.test.ts",
  "deploy/bench/bench.nats.pg.test.ts",
  "deploy/acceptance/audits.test.ts",
  "deploy/acceptance/page.browser.test.ts",
  "deploy/acceptance/rfidpro.browser.test.ts",
  "deploy/acceptance/readers.browser.test.ts",
  "deploy/local/launch.test.ts",
];

/** What runs a whole Tagwire, or much of one: seven processes and often a browser. */
const isWhole = (path: string): boolean => path.includes("/deploy/");

/** Greater is longer. Of what is not among the longest nobody knows better than by how much is written in it. */
const lengthOf = (path: string): number => {
  const at = longest.findIndex((one) => path.endsWith(`/${one}`));
  return at < 0 ? (statSync(path, { throwIfNoEntry: false })?.size ?? 0) : Number.MAX_SAFE_INTEGER - at;
};

/** Each with where it stands when all of these are spread over a line, the longest first. */
const spread = <T extends { readonly path: string }>(files: readonly T[]) =>
  files
    .map((file) => ({ file, length: lengthOf(file.path) }))
    .sort((a, b) => b.length - a.length)
    .map(({ file }, index) => ({ file, at: index / files.length }));

/**
 * Puts files in the order in which they begin. Whole Tagwires are spread evenly between the others, so that workers do not all wait for
 * seven starting processes at once; the short ones fill the end, where no worker is left without work.
 */
export const inOrder = <T extends { readonly path: string }>(files: readonly T[]): T[] =>
  [
    ...spread(files.filter(({ path }) => isWhole(path))),
    ...spread(files.filter(({ path }) => !isWhole(path))),
  ]
    .sort((a, b) => a.at - b.at)
    .map(({ file }) => file);

/** The same order each time, with or without a run before it: what failed or took long elsewhere does not move it. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return inOrder(files.map((file) => ({ file, path: file.moduleId }))).map(({ file }) => file);
  }
}
