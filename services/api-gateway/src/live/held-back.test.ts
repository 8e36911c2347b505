import fc from "fast-check";
import { expect, test } from "vitest";
import { deltaOf } from "./delta.ts";
import { openHeldBack } from "./held-back.ts";

type Version = { readonly key: string; readonly version: number; readonly text: string };

const deltaWith = (pos: number, versions: readonly Version[]) =>
  deltaOf(
    {
      site: "north",
      epoch: 1,
      prev: pos - 1,
      pos,
      at: new Date(pos).toISOString(),
      traces: [],
      changes: versions.map(({ key, version, text }) => ({ key, version, put: { text } })),
    },
    0,
  );
const one = (version: number, text = `v${version}`): Version => ({ key: "AA", version, text });

test.each([
  { what: "a newer version replaces an older one", order: [1, 2] },
  { what: "an older version that comes late changes nothing", order: [2, 1] },
])("$what", ({ order }) => {
  const held = openHeldBack("items");
  for (const [index, version] of order.entries()) {
    const delta = deltaWith(index + 1, [one(version)]);
    held.add(delta, delta.changes);
  }
  expect(held.take()).toMatchObject({ pos: 2, changes: [{ key: "AA", version: 2, row: { text: "v2" } }] });
});

test("the same version again is taken as said last: a filter may have made it gone", () => {
  const held = openHeldBack("items");
  for (const text of ["first", "last"]) {
    const delta = deltaWith(1, [one(5, text)]);
    held.add(delta, delta.changes);
  }
  expect(held.take()?.changes).toMatchObject([{ version: 5, row: { text: "last" } }]);
});

test("events are never put together, whatever their versions", () => {
  const held = openHeldBack("events");
  const delta = deltaWith(2, [one(2), one(1)]);
  held.add(delta, delta.changes);
  expect(held.take()?.changes.map(({ version }) => version)).toEqual([2, 1]);
});

test("a delta without changes of interest still moves the position", () => {
  const held = openHeldBack("items");
  expect(held.isEmpty()).toBe(true);
  expect(held.take()).toBeUndefined();
  expect(held.add(deltaWith(7, []), [])).toBe(0);
  expect(held.isEmpty()).toBe(false);
  expect(held.take()).toEqual({ changes: [], pos: 7, at: new Date(7).toISOString(), bytes: 0 });
  expect(held.isEmpty()).toBe(true);
});

test("the newest version of each key is held in the order of their coming, and the bytes are those of the texts", () => {
  const version = fc.record({
    key: fc.constantFrom("AA", "BB", "CC"),
    version: fc.integer({ min: 1, max: 9 }),
    text: fc.string({ maxLength: 8 }),
  });
  fc.assert(
    fc.property(fc.array(fc.array(version, { maxLength: 5 }), { minLength: 1, maxLength: 8 }), (batches) => {
      const held = openHeldBack("items");
      const expected = new Map<string, Version>();
      let grown = 0;
      for (const [index, batch] of batches.entries()) {
        const delta = deltaWith(index + 1, batch);
        grown += held.add(delta, delta.changes);
        for (const said of batch) {
          if ((expected.get(said.key)?.version ?? 0) > said.version) continue;
          expected.delete(said.key);
          expected.set(said.key, said);
        }
      }
      const taken = held.take();
      expect(
        taken?.changes.map(({ key, version: is, row }) => ({ key, version: is, text: row?.text })),
      ).toEqual([...expected.values()]);
      expect(taken?.bytes).toBe(grown);
      expect(grown).toBe(taken?.changes.reduce((sum, { text }) => sum + text.length, 0));
      expect(held.take()).toBeUndefined();
    }),
  );
});
