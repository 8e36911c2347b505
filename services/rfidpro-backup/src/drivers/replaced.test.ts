import { makeRfidproData, type RfidproRow, seededRandom } from "@tagwire/emulators";
import { describe, expect, test } from "vitest";
import { allArrivedMs, endMs, type Pulled, pull, startFake, watchRows } from "./test-rfidpro.ts";
import { serverText } from "./window.ts";

/*
 * While a set is read a row goes that was read already, and another comes at the end: the count is as it was, and one that was there
 * throughout has moved to a page that was read already.
 */

const data = makeRfidproData({ seed: 5, scale: 0.05, endMs });
type Set = "items" | "transactions";
type Order = "honoured" | "ignored" | "refused";

const coming = (set: Set, number: number): RfidproRow =>
  set === "items"
    ? { ...data.items[0], tag_id: `Z${number}` }
    : {
        ...data.uploads[0]?.row,
        ...{ tag_id: `Z${number}`, date_created: serverText(allArrivedMs - 1_000) },
      };

type Replaced = { readonly set: Set; readonly sort: Order; readonly offset: number; readonly place: number };

/** Pulls while that happens before the page that begins at `offset`, whichever pass that is. */
const pullReplaced = async ({ set, sort, offset, place }: Replaced): Promise<Pulled> => {
  const fake = await startFake({ data, honours: { sort }, isUnsorted: sort === "honoured" });
  fake.control.faults.add({ act: "replace", place, row: coming(set, offset), on: { set, offset } });
  const watched = watchRows(fake, set);
  const pulled = await pull(fake, set, { page: async ({ pass }) => watched.look(pass) });
  const what = `${set} at ${offset}, place ${place}, ${pulled.outcome.why}`;
  if (pulled.outcome.verdict === "complete") watched.expectRead(pulled.rows, () => true, what);
  return pulled;
};

describe.each([
  { set: "items", sort: "honoured" },
  { set: "items", sort: "ignored" },
  { set: "transactions", sort: "honoured" },
  { set: "transactions", sort: "refused" },
] as const)("$set, where a sort is $sort", ({ set, sort }) => {
  test("whatever goes before a page, and whatever comes behind it, a complete pull has all that stood throughout", async () => {
    const random = seededRandom(`${set} ${sort}`);
    const quiet = await pull(
      await startFake({ data, honours: { sort }, isUnsorted: sort === "honoured" }),
      set,
    );
    const seams = quiet.pages.filter(({ pass, offset }) => pass === 1 && offset > 0);
    expect(seams.length).toBeGreaterThanOrEqual(3);
    let again = 0;
    for (const { offset } of seams)
      for (const place of [
        0,
        offset - 1,
        offset,
        offset + 1,
        random.whole(0, offset),
        random.whole(0, offset),
      ]) {
        const { outcome } = await pullReplaced({ set, sort, offset, place });
        expect(outcome.verdict).toBe("complete");
        if (outcome.passes > quiet.outcome.passes) again += 1;
      }
    // It is seen at once, and not by chance.
    expect(again).toBeGreaterThanOrEqual(seams.length * 4);
  });
});
