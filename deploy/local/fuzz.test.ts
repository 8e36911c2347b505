import { huntApart } from "@tagwire/testing";
import { expect, test } from "vitest";
import { fuzzTargets } from "./test-fuzz-targets.ts";

const file = new URL("./test-fuzz-targets.ts", import.meta.url).href;
const inputsMax = 5_000;
const blocksMin = 20;
const seed = 1;

test.each(fuzzTargets)(
  "nothing that $name is given makes it fail, dawdle or stumble over a cut",
  async ({ name }) => {
    const { found, reached } = await huntApart({ file, name, seed, inputsMax });
    expect(found).toEqual([]);
    expect(reached?.blocks).toBeGreaterThan(blocksMin);
  },
);
