import type { Reader } from "@tagwire/messages";
import fc from "fast-check";
import { expect, test } from "vitest";
import { scriptedDrivers } from "../floor/scripted-driver.ts";
import { lifeOf } from "../floor/test-life.ts";
import { readerPageBytesMax, readerPageOf } from "./reader-page.ts";

const dock = lifeOf(scriptedDrivers().drivers).life.view(1);
const reader = (id: string, antennas = 0): Reader => ({
  ...dock,
  id,
  antennas: Array.from({ length: antennas }, (_, index) => ({ port: index + 1, place: "门".repeat(64) })),
});

test("pages of any size are all readers, each once, in the order of their ids", () => {
  const ids = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9_-]{1,6}$/), { maxLength: 20 });
  const sizes = fc.integer({ min: 1, max: 10_000 });
  fc.assert(
    fc.property(ids, sizes, (all, bytesMax) => {
      const readers = all.map((id) => reader(id));
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page = readerPageOf(readers, cursor, bytesMax);
        if (page.readers.length > 1)
          expect(JSON.stringify(page.readers).length).toBeLessThanOrEqual(bytesMax + 1);
        seen.push(...page.readers.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== null);
      expect(seen).toEqual([...all].sort());
    }),
  );
});

test("as many readers as a site can have, of as many antennas, come in pages that a message carries", () => {
  const all = Array.from({ length: 256 }, (_, index) => reader(`r${index}`, 64));
  let pages = 0;
  for (let cursor: string | null = null; ; ) {
    const page = readerPageOf(all, cursor);
    pages += 1;
    expect(Buffer.byteLength(JSON.stringify(page.readers))).toBeLessThanOrEqual(readerPageBytesMax + 1);
    if (page.next === null) break;
    cursor = page.next;
  }
  expect(pages).toBeGreaterThan(1);
});
