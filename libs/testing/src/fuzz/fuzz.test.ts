import { expect, test } from "vitest";
import { everyCut } from "./cuts.ts";
import { flood } from "./flood.ts";
import { type HuntOrder, huntApart } from "./hunt-apart.ts";
import { fuzzTargets } from "./planted.ts";

/** Generous: it only decides how long a hunt that never ends takes to fail. */
const huntTimeoutMs = 240_000;

const file = new URL("./planted.ts", import.meta.url).href;
const order = (name: string, more: Partial<HuntOrder> = {}): HuntOrder => ({
  file,
  name,
  seed: 1,
  inputsMax: 30_000,
  ...more,
});
const planted = (name: string) => {
  const target = fuzzTargets.find((one) => one.name === name);
  if (target === undefined) throw new TypeError(name);
  return target;
};

test("a mistake behind bytes that have to be met one by one is found by looking at what ran, and not without", async () => {
  const guided = await huntApart(order("deep"));
  expect(guided.found).toMatchObject([{ kind: "throws", why: "RangeError: planted deep" }]);
  expect(guided.found[0]?.hex).toBe("007f008000ff000d");
  const blind = await huntApart(order("deep", { isBlind: true }));
  expect(blind.found).toEqual([]);
});

test.each([
  { name: "trusting", kind: "throws" },
  // What is slow is measured again and again, in time of the processor: one of them is enough.
  { name: "slow", kind: "slow", foundMax: 1 },
  { name: "forgetful", kind: "cut" },
  { name: "hoarding", kind: "holds" },
])("a parser that is $name is found out", { timeout: huntTimeoutMs }, async ({ name, kind, foundMax }) => {
  const { found } = await huntApart(order(name, { inputsMax: 200, foundMax }));
  expect(found.map((one) => one.kind)).toContain(kind);
});

test("a hunt is over once it has found enough", async () => {
  const one = await huntApart(order("slow", { inputsMax: 200, foundMax: 1 }));
  expect(one.found).toHaveLength(1);
  expect(one.inputs).toBeLessThan(200);
});

test("the same seed hunts the same way, another one another way", async () => {
  const [one, again, other] = await Promise.all([
    huntApart(order("deep", { inputsMax: 2_000 })),
    huntApart(order("deep", { inputsMax: 2_000 })),
    huntApart(order("deep", { inputsMax: 2_000, seed: 2 })),
  ]);
  const seen = ({ kept, reached, found }: typeof one) => ({ kept, reached, found });
  expect(seen(again)).toEqual(seen(one));
  expect([one.inputs, other.inputs]).toEqual([2_000, 2_000]);
});

test("a cut of the corpus that changes what is said is told", () => {
  expect(everyCut(planted("forgetful"))).toContainEqual({
    kind: "cut",
    why: expect.stringContaining("cut at 1"),
  });
});

test("what grows in a flood is seen to grow", () => {
  const { heldBytes, heldBytesMax, grownBytes, grownBytesMax } = flood(planted("hoarding"), 1);
  expect(heldBytes).toBeGreaterThan(heldBytesMax);
  expect(grownBytes).toBeGreaterThan(grownBytesMax);
});
