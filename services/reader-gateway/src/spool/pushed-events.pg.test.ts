import { partitionOf } from "@tagwire/messages";
import { eventually } from "@tagwire/testing";
import { expect, test } from "vitest";
import { awaitSave, countFrame } from "../actors/ledger.ts";
import type { PassingTag } from "../actors/passing.ts";
import { Repeats, repeatLimits } from "../drivers/json/repeats.ts";
import { findPushed } from "../store/pushed-events.ts";
import { partsOf } from "./save.ts";
import { heard, losingAnswers, site, spoolGround, tally, testKeeper } from "./test-spool.ts";

/** A thing at a portal, of which nothing is said yet. */
const passingTag = (name: string): PassingTag => ({
  ...{ name, tag: name, tid: null, antenna: 1, peakRssiDbm: -50, readsBy: [[1, 1]] },
  ...{ firstHeardAtMs: 1, lastHeardAtMs: 2, strongReads: 1, isProven: true, sinceMs: 1, heard: [] },
});

/** Pushes an event that says all of these, as a driver does that hears it to its end. */
const push = (repeats: Repeats, text: string): string => {
  const key = repeats.keyOf(text);
  repeats.remember(key, performance.now(), { isToBeTold: true });
  return key;
};

test("what was pushed is told with the save that accounts for it, once, and is forgotten in time", async () => {
  await using at = await spoolGround();
  const { number } = at.stored;
  const { keeper } = testKeeper(losingAnswers(at.sql, (nth) => nth === 1));
  const dock = keeper.open(at.stored);
  const repeats = new Repeats();
  dock.repeats = repeats;
  const keys = () => findPushed(at.sql, partitionOf(site)).then((found) => found.get(number) ?? []);
  const first = push(repeats, "first");
  dock.ledger = countFrame(dock.ledger, [tally(1)]);
  keeper.add(dock, [heard("AA")]);
  await eventually("kept", () => dock.ledger.waitingReads === 0);
  expect(await keys()).toEqual([{ key: first, ageMs: expect.any(Number) }]);
  expect(repeats.untold()).toBeUndefined();
  const more = Array.from({ length: 3 }, (_, index) => push(repeats, `${index}`));
  expect(await keeper.keptSoFar(dock, 10_000)).toBe(true);
  expect((await keys()).map(({ key }) => key)).toEqual([first, ...more]);

  await at.sql`update pushed_event set heard_at = heard_at - ${`${repeatLimits.rememberedMs} ms`}::text::interval where up_to = 1`;
  expect((await keys()).map(({ key }) => key)).toEqual(more);
  for (let index = 0; index < 2 * repeatLimits.eventsMax; index += 1) push(repeats, `more ${index}`);
  expect(await keeper.keptSoFar(dock, 10_000)).toBe(true);
  expect((await keys()).map(({ key }) => key)).not.toContain(more[0]);
  expect(await at.sql`select from pushed_event`).toHaveLength(1);

  // Another life of the reader in this process begins to count anew.
  const next = keeper.open(at.stored);
  expect(next).not.toBe(dock);
  next.repeats = new Repeats();
  const again = push(next.repeats, "in another life");
  expect(await keeper.keptSoFar(next, 10_000)).toBe(true);
  expect((await keys()).at(-1)?.key).toBe(again);
  await keeper.close();
});

test("it is told no sooner than everything that it said is in Postgres", async () => {
  await using at = await spoolGround();
  const dock = testKeeper(at.sql).keeper.open(at.stored);
  dock.repeats = new Repeats();
  const key = push(dock.repeats, "of two tags");
  const entries = [heard("AA"), heard("BB")].map((one) => ({ reader: dock, ...one }));
  dock.ledger = countFrame(dock.ledger, [tally(2)]);
  for (const { readsBy } of entries) dock.ledger = awaitSave(dock.ledger, readsBy);
  const toldWith = (count: number) => partsOf(entries.slice(0, count), [dock])[0]?.pushed;
  expect([toldWith(0), toldWith(1)]).toEqual([undefined, undefined]);
  expect(toldWith(2)).toEqual({ upTo: 1, keys: [key] });
  dock.holding = () => ({ reads: new Map(), passed: 0, passing: () => [], hasUnsaid: true });
  expect(toldWith(2)).toBeUndefined();
});

test("what passes a portal is written down with the key of the push that told of it, whoever is due", async () => {
  await using at = await spoolGround();
  const dock = testKeeper(at.sql).keeper.open(at.stored);
  const entry = { reader: dock, ...heard("AA") };
  dock.ledger = awaitSave(countFrame(dock.ledger, [tally(2)]), entry.readsBy);
  const passing = [passingTag("BB")];
  dock.holding = () => ({ reads: new Map([[1, 1]]), passed: 0, passing: () => passing, hasUnsaid: false });
  const part = () => partsOf([entry], [])[0];
  // Nothing was pushed: it is much, and its time has not come.
  expect(part()?.marking.delta.passing).toBeUndefined();
  dock.repeats = new Repeats();
  const key = push(dock.repeats, "of a thing on a shelf and one at the gate");
  expect(part()).toMatchObject({ pushed: { keys: [key] }, marking: { delta: { passing } } });
});
