import { describe, expect, test } from "vitest";
import { allArrivedMs, heap, pull, secondAt, startFake } from "./test-rfidpro.ts";
import { cursorMs, serverText } from "./window.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const sinceMs = allArrivedMs - 2 * 24 * hourMs;

/** A scan that was uploaded then, whatever it says of itself. */
const uploaded = (atMs: number, change: object = {}) => {
  const created = serverText(atMs);
  const row = {
    ...{
      tag_id: "303400000000000000000001",
      scan_type: "Rental",
      contract_number: "20001",
      scan_by: "user1",
    },
    ...{ rental_class_id: "1", status: "On Rent", bin_location: "", scan_date: "2025-01-01 09:00:00" },
    ...{ date_created: created, date_updated: created },
    ...change,
  };
  return { arrivesAtMs: Math.min(atMs, allArrivedMs), row };
};

describe("since", () => {
  test("the time at which RFIDpro took a row counts, however old the scan is", async () => {
    const fake = await startFake();
    const late = uploaded(allArrivedMs - hourMs);
    fake.control.upload([late]);
    const { outcome, rows } = await pull(fake, "transactions", { since: new Date(sinceMs) });
    expect(outcome).toMatchObject({ verdict: "complete", since: new Date(sinceMs - hourMs).toISOString() });
    expect(rows).toContainEqual(late.row);
    const wanted = fake
      .rows("transactions")
      .filter((row) => String(row.date_created) > serverText(sinceMs - hourMs));
    expect(heap(rows)).toEqual(heap(wanted));
    expect(rows.length).toBeLessThan(fake.rows("transactions").length / 10);
    const asked = fake.requests().map(({ query }) => decodeURIComponent(query.replaceAll("+", " ")));
    expect(asked.some((query) => query.includes(",gt,"))).toBe(true);
    expect(asked.filter((query) => query.includes("scan_date"))).toEqual([]);
  });

  test("an hour before is read again", async () => {
    const fake = await startFake();
    const within = uploaded(sinceMs - 59 * minuteMs);
    const before = uploaded(sinceMs - 61 * minuteMs, { tag_id: "303400000000000000000002" });
    fake.control.upload([before, within]);
    const { rows } = await pull(fake, "transactions", { since: new Date(sinceMs) });
    expect(rows).toContainEqual(within.row);
    expect(rows).not.toContainEqual(before.row);
  });

  test("nothing new is a complete pull of no rows, when it is nothing twice", async () => {
    const fake = await startFake();
    const { outcome, pages } = await pull(fake, "transactions", { since: new Date(allArrivedMs) });
    expect(outcome).toMatchObject({ verdict: "complete", rows: 0, total: 0, passes: 2 });
    expect(pages).toEqual([]);
  });

  test.each([new Date(allArrivedMs + hourMs), new Date(Number.NaN)])(
    "%s is no time to begin at, so everything is read",
    async (since) => {
      const fake = await startFake();
      const { outcome, rows } = await pull(fake, "transactions", { since });
      expect(outcome).toMatchObject({ verdict: "complete", since: null });
      expect(heap(rows)).toEqual(heap(fake.rows("transactions")));
    },
  );

  test("items and classes have no time that could be asked by, so all of them are read", async () => {
    const fake = await startFake();
    const { outcome } = await pull(fake, "items", { since: new Date(sinceMs) });
    expect(outcome).toMatchObject({ verdict: "complete", since: null, rows: 624 });
  });
});

describe("rows that come during a pull", () => {
  const arrive = (number: number) => uploaded(allArrivedMs, { tag_id: `A${number}` }).row;

  test("are of the next one, where the filter is honoured", async () => {
    const fake = await startFake({ movesOnArrival: true });
    const before = heap(fake.rows("transactions"));
    const { outcome, rows } = await pull(fake, "transactions", {
      page: async ({ offset }) => {
        fake.control.upload([{ arrivesAtMs: 0, row: arrive(offset) }]);
      },
    });
    expect(outcome).toMatchObject({ verdict: "complete", passes: 1 });
    expect(heap(rows)).toEqual(before);
    const next = await pull(fake, "transactions", {
      since: new Date(outcome.until),
      now: () => allArrivedMs + minuteMs,
    });
    fake.control.advance(minuteMs);
    const after = await pull(fake, "transactions", { since: new Date(outcome.until) });
    expect(next.outcome.verdict).toBe("complete");
    expect(after.rows.map(({ tag_id }) => tag_id)).toEqual(expect.arrayContaining(["A0", `A${secondAt}`]));
  });

  test("make it begin again, where it is not", async () => {
    const fake = await startFake({ movesOnArrival: true, honours: { filter: "ignored", sort: "ignored" } });
    const { outcome, rows } = await pull(fake, "transactions", {
      page: async ({ pass, offset }) => {
        if (pass === 1 && offset === 398)
          fake.control.upload([{ arrivesAtMs: allArrivedMs, row: arrive(1) }]);
      },
    });
    expect(outcome).toMatchObject({ verdict: "complete", rows: 1_330 });
    expect(outcome.passes).toBeGreaterThan(1);
    expect(heap(rows)).toEqual(heap(fake.rows("transactions")));
  });

  test("make it unstable, where they come without an end", async () => {
    const fake = await startFake({ honours: { filter: "ignored" } });
    let count = 0;
    const { outcome } = await pull(fake, "transactions", {
      page: async () => {
        count += 1;
        fake.control.upload([{ arrivesAtMs: allArrivedMs, row: arrive(count) }]);
      },
    });
    expect(outcome).toMatchObject({ verdict: "unstable", passes: 5 });
    expect(outcome.why).toContain("RFIDpro counted");
  });
});

describe("clocks that are put back or forward during a pull", () => {
  test.each([-3 * hourMs, 3 * hourMs, -40 * 24 * hourMs, 40 * 24 * hourMs])(
    "ours by %i ms: what is asked for is what it began with, and each row comes once",
    async (stepMs) => {
      const fake = await startFake();
      let ownMs = allArrivedMs;
      const since = new Date(allArrivedMs - 8 * 24 * hourMs);
      const { outcome, rows } = await pull(fake, "transactions", {
        ...{ since, now: () => ownMs },
        page: async ({ offset }) => {
          if (offset === 0) ownMs += stepMs;
        },
      });
      expect(outcome).toMatchObject({
        ...{ verdict: "complete", why: null, passes: 1, until: new Date(allArrivedMs).toISOString() },
        since: new Date(since.getTime() - hourMs).toISOString(),
      });
      const wanted = fake
        .rows("transactions")
        .filter(({ date_created }) => String(date_created) > serverText(since.getTime() - hourMs));
      expect(heap(rows)).toEqual(heap(wanted));
    },
  );

  test("RFIDpro's, forward: what comes after is newer than the window, and of the next pull", async () => {
    const fake = await startFake();
    const before = heap(fake.rows("transactions"));
    const later = uploaded(allArrivedMs + 3 * hourMs + minuteMs, { tag_id: "LATER" });
    const { outcome, rows } = await pull(fake, "transactions", {
      now: () => allArrivedMs,
      page: async ({ offset }) => {
        if (offset !== 0) return;
        fake.control.advance(3 * hourMs + minuteMs);
        fake.control.upload([later]);
      },
    });
    expect(outcome).toMatchObject({ verdict: "complete", passes: 1 });
    expect(heap(rows)).toEqual(before);
    fake.control.advance(minuteMs);
    const next = await pull(fake, "transactions", { since: new Date(outcome.until) });
    expect(next.rows).toContainEqual(later.row);
  });

  test("RFIDpro's, back: what comes after is within the window, so that all is read again with it", async () => {
    const fake = await startFake();
    const earlier = uploaded(allArrivedMs - 3 * hourMs - minuteMs, { tag_id: "EARLIER" });
    let isBack = false;
    const { outcome, rows } = await pull(fake, "transactions", {
      page: async ({ offset }) => {
        if (offset === 0 || isBack) return;
        isBack = true;
        fake.control.advance(-3 * hourMs);
        fake.control.upload([earlier]);
      },
    });
    expect(outcome).toMatchObject({ verdict: "complete", passes: 2 });
    expect(rows).toContainEqual(earlier.row);
    expect(heap(rows)).toEqual(heap(fake.rows("transactions")));
    // And while that clock is behind the last pull, new scans alone cannot be asked for: everything is.
    const after = uploaded(allArrivedMs - 3 * hourMs + minuteMs, { tag_id: "AFTER" });
    fake.control.advance(2 * minuteMs);
    fake.control.upload([after]);
    const next = await pull(fake, "transactions", { since: new Date(outcome.until) });
    expect(next.outcome).toMatchObject({ verdict: "complete", since: null });
    expect(next.rows).toContainEqual(after.row);
  });
});

test("a filter that is honoured and then is not is noticed by the rows", async () => {
  const fake = await startFake();
  const { outcome, rows } = await pull(fake, "transactions", {
    since: new Date(allArrivedMs - 8 * 24 * hourMs),
    page: async () => fake.control.honours({ filter: "ignored" }),
  });
  expect(outcome).toMatchObject({ verdict: "complete", since: null, capability: { filter: false } });
  expect(heap(rows)).toEqual(heap(fake.rows("transactions")));
});

test("rows without a time are found by no filter, so everything is asked for without one", async () => {
  const fake = await startFake();
  const timeless = uploaded(allArrivedMs - hourMs, { date_created: null, date_updated: null });
  fake.control.upload([timeless]);
  const { outcome, rows } = await pull(fake, "transactions");
  expect(rows).toContainEqual(timeless.row);
  expect(outcome).toMatchObject({ verdict: "complete", capability: { filter: false } });
  expect(heap(rows)).toEqual(heap(fake.rows("transactions")));
});

test("rows that are newer than RFIDpro's own clock are not left out", async () => {
  const fake = await startFake();
  const ahead = uploaded(allArrivedMs + 6 * minuteMs);
  fake.control.upload([ahead]);
  const { outcome, rows } = await pull(fake, "transactions");
  expect(outcome).toMatchObject({ verdict: "complete", until: new Date(allArrivedMs).toISOString() });
  expect(rows).toContainEqual(ahead.row);
  expect(heap(rows)).toEqual(heap(fake.rows("transactions")));
});

test("a clock of ours that is ahead does not leave out of the next pull what comes after this one", async () => {
  const fake = await startFake();
  const first = await pull(fake, "transactions", { now: () => allArrivedMs + 10 * hourMs });
  const next = uploaded(allArrivedMs + minuteMs);
  fake.control.upload([{ ...next, arrivesAtMs: allArrivedMs + minuteMs }]);
  fake.control.advance(2 * minuteMs);
  const second = await pull(fake, "transactions", { since: new Date(first.outcome.until) });
  expect(second.rows).toContainEqual(next.row);
});

test.each([
  { what: "behind ours", serverMs: 1_000_500, is: 1_000_000 },
  { what: "ahead of ours", serverMs: 1_234_567 + hourMs, is: 1_234_000 },
  { what: "silent", serverMs: null, is: 1_234_000 },
])("a clock of RFIDpro that is $what", ({ serverMs, is }) => {
  expect(cursorMs(serverMs, 1_234_567)).toBe(is);
});
