import { makeRfidproData, type RfidproRow, seededRandom } from "@tagwire/emulators";
import { describe, expect, test } from "vitest";
import { drawFaults } from "./test-faults.ts";
import { allArrivedMs, endMs, pull, startFake, watchRows } from "./test-rfidpro.ts";
import { serverText } from "./window.ts";

const data = makeRfidproData({ seed: 11, scale: 0.03, endMs });
const seedsPerTest = 6;
const tests = 5;
/** A row that RFIDpro takes while it is read. */
const arriving = (number: number): RfidproRow => ({
  ...data.uploads[0]?.row,
  ...{ tag_id: `NEW${number}`, date_created: serverText(allArrivedMs) },
});
/** One that comes for another, at the end of what stands in order. */
const replacing =
  (set: "items" | "transactions") =>
  (number: number): RfidproRow =>
    set === "items"
      ? { ...data.items[0], tag_id: `Z${number}` }
      : { ...arriving(number), date_created: serverText(allArrivedMs - 1_000) };

const pullInChaos = async (seed: number): Promise<string> => {
  const random = seededRandom(`how ${seed}`);
  const set = random.pick(["items", "transactions"] as const);
  const honours = {
    filter: random.pick(["honoured", "honoured", "ignored", "refused"] as const),
    sort: random.pick(["honoured", "ignored", "refused"] as const),
  };
  const fake = await startFake({ data, honours, movesOnArrival: random.chance(0.5) });
  fake.control.faults.add(...drawFaults(seed, { set, arriving, replacing: replacing(set) }));
  const watched = watchRows(fake, set);
  const { outcome, rows } = await pull(fake, set, { page: async ({ pass }) => watched.look(pass) });
  expect(fake.writes(), `seed ${seed}`).toEqual([]);
  if (outcome.verdict !== "complete") {
    expect(outcome.why, `seed ${seed}`).not.toBeNull();
    return outcome.verdict;
  }
  const isWindowed = set === "transactions" && outcome.capability?.filter === true;
  const until = serverText(Date.parse(outcome.until));
  watched.expectRead(rows, (row) => !isWindowed || String(row.date_created) < until, `seed ${seed}`);
  return outcome.verdict;
};

describe("whatever happens, a complete pull has every row once, and nothing is ever written", () => {
  const verdicts: string[] = [];

  test.each(Array.from({ length: tests }, (_, index) => index * seedsPerTest + 1))(
    "from seed %i on",
    async (first) => {
      for (let seed = first; seed < first + seedsPerTest; seed += 1) verdicts.push(await pullInChaos(seed));
    },
  );

  test("a day on which all goes well proves as little as one on which nothing does", () => {
    const complete = verdicts.filter((verdict) => verdict === "complete").length;
    expect(complete).toBeGreaterThan(verdicts.length / 3);
    expect(verdicts.length - complete).toBeGreaterThan(verdicts.length / 20);
  });
});
