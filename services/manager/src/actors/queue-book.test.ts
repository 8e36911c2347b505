import type { Item, ItemStatus } from "@tagwire/messages";
import fc from "fast-check";
import { expect, test } from "vitest";
import { happenings } from "../test-happenings.ts";
import { type SampleLog, sampleLog } from "../test-log.ts";
import { enter } from "../test-records.ts";
import type { Classes } from "./class-book.ts";
import { foldClasses } from "./class-book.ts";
import { concernsQueues, foldQueues, queuedItem } from "./queue-book.ts";
import { foldStock, type KnownTags } from "./stock.ts";

const waits: ReadonlySet<ItemStatus> = new Set(["inspect", "repair", "wash", "wet"]);

/** A screen that follows the queues of a log, which comes in batches of so many events. */
const follow = (log: SampleLog, batchEvents: number) => {
  const known = { items: new Map(), waiting: new Map(), waitingSince: new Map() } satisfies KnownTags;
  const times = new Map<string, string>();
  let classes: Classes = new Map();
  const shown = new Map<string, { readonly version: number; readonly row: unknown }>();
  for (let from = 0; from < log.events.length; from += batchEvents) {
    const stock = foldStock(known, log.events.slice(from, from + batchEvents));
    const concerned = stock.happenings.filter(concernsQueues);
    const waiting = [...known.items.values()]
      .filter(({ status }: Item) => waits.has(status))
      .map((item: Item) => ({ item, since: times.get(item.tag) ?? "" }));
    for (const { change } of foldQueues({ classes, waiting, since: times }, concerned)) {
      expect(change.version).toBeGreaterThan(shown.get(change.key)?.version ?? 0);
      shown.set(change.key, { version: change.version, row: "del" in change ? undefined : change.put });
    }
    const described = concerned.filter(({ event }) => event.type === "class.defined.v1");
    classes = new Map([...classes, ...foldClasses(classes, described)]);
    for (const [tag, { item, times: own }] of stock.items) {
      known.items.set(tag, item);
      if (own.statusAt !== undefined) times.set(tag, own.statusAt);
    }
  }
  const rows = [...shown].flatMap(([tag, { row }]) => (row === undefined ? [] : [[tag, row] as const]));
  return { rows: new Map(rows), times, classes };
};

test("however a log is cut, a screen that follows the queues shows what waits, and how its class is called now", () => {
  fc.assert(
    fc.property(
      happenings,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 2, max: 9 }),
      (all, cut, every) => {
        const log = sampleLog({ site: "north" });
        for (const [index, what] of all.entries()) {
          log.happen(what);
          if (index % every === 1)
            enter(log, {
              kind: "describe",
              class: "tent",
              category: index % 2 === 0 ? "Napkins" : "Sidewall",
            });
        }
        const { rows, times, classes } = follow(log, cut);
        const waiting = [...log.items.values()].filter(({ status }) => waits.has(status));
        expect(rows).toEqual(
          new Map(
            waiting.map((item) => {
              const since = times.get(item.tag) ?? "";
              return [item.tag, queuedItem({ item, since }, classes.get(item.class))];
            }),
          ),
        );
      },
    ),
    { numRuns: 300 },
  );
});
