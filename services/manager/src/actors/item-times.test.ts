import type { Item, ItemStatus } from "@tagwire/messages";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Ages, type Step, stepsMax } from "./item-steps.ts";
import { movedAfter } from "./item-times.ts";

const instant = (minute: number): string => new Date(Date.UTC(2026, 2, 1) + minute * 60_000).toISOString();
const blank: Item = {
  ...{ tag: "x", class: "chair", name: null, status: "ready", quality: null, place: null, contract: null },
  ...{ notes: null, version: 1, pos: 1, lastFactAt: null, lastScan: null },
};

/** What was said of an item once, be it taken back and said again since, and the positions that an undo may name. */
type Saying = {
  readonly pos: number;
  readonly minute: number;
  readonly says: { readonly status: ItemStatus } | { readonly class: string };
  isOn: boolean;
  names: number[];
};

const isFact = ({ says }: Saying): boolean => "status" in says;
const isOut = (status: ItemStatus): boolean => status === "on_rent" || status === "delivered";

/** The item, and how old it is, if nothing had ever been said but what stands. */
const plainly = (sayings: readonly Saying[]): { readonly item: Item; readonly ages: Ages } => {
  let item = blank;
  let ages: Ages = { statusAt: instant(0), freeAt: instant(0) };
  for (const { says, minute, isOn } of sayings) {
    if (!isOn) continue;
    const before = item;
    item = { ...item, ...says, ...("status" in says ? { lastFactAt: instant(minute) } : {}) };
    if (item.status === before.status) continue;
    const cameBack = isOut(before.status) && !isOut(item.status);
    ages = { statusAt: instant(minute), freeAt: cameBack ? instant(minute) : ages.freeAt };
  }
  return { item, ages };
};

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const told = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ status: fc.constantFrom<ItemStatus>("ready", "on_rent", "wash", "missing") }),
  },
  { weight: 1, arbitrary: fc.record({ class: fc.constantFrom("chair", "table") }) },
  { weight: 4, arbitrary: fc.record({ back: chance, name: chance }) },
);

/** What an undo takes back, or sets again: the last that stands of facts or of classes, or what came right after it. */
const undoable = (sayings: readonly Saying[]): Saying[] =>
  [true, false].flatMap((ofFacts) => {
    const own = sayings.filter((saying) => isFact(saying) === ofFacts);
    const last = own.findLastIndex(({ isOn }) => isOn);
    return own.slice(Math.max(0, last), last + 2);
  });

const oneOf = <T>(all: readonly T[], at: number): T | undefined => all[Math.floor(at * all.length)];

test("whatever is taken back and set again, by whichever name, an item is as old as what stands makes it", () => {
  fc.assert(
    fc.property(fc.array(told, { maxLength: stepsMax }), (story) => {
      let sayings: Saying[] = [];
      let now = { ...plainly([]), steps: [] as readonly Step[] };
      const tell = (pos: number, minute: number, undoes: number | undefined) => {
        const { item: after } = plainly(sayings);
        const before = pos === 1 ? undefined : now.item;
        const at = () => after.lastFactAt ?? instant(minute);
        const moved = movedAfter(
          { before, after, steps: now.steps },
          { pos, undoes, inherited: undefined, factAt: at, recordedAt: () => instant(minute) },
        );
        now = { item: after, ages: moved?.ages ?? now.ages, steps: moved?.steps ?? now.steps };
      };
      tell(1, 0, undefined);
      for (const [index, one] of story.entries()) {
        const pos = index + 2;
        if (!("back" in one)) {
          const saying: Saying = { pos, minute: pos, says: one, isOn: true, names: [pos] };
          // Whoever says something new goes on from there: what was taken back before is not set again.
          sayings = [...sayings.filter((other) => other.isOn || isFact(other) !== isFact(saying)), saying];
          tell(pos, pos, undefined);
        } else {
          const saying = oneOf(undoable(sayings), one.back);
          const name = saying === undefined ? undefined : oneOf(saying.names, one.name);
          if (saying === undefined) continue;
          saying.isOn = !saying.isOn;
          saying.names = saying.isOn ? [saying.pos, pos] : [pos];
          tell(pos, pos, name);
        }
        expect(now.ages).toEqual(plainly(sayings).ages);
      }
    }),
    { numRuns: 500 },
  );
});
