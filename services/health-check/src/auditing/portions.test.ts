import { expect, test } from "vitest";
import { inPortions, openPace, thingsPerAudit } from "./portions.ts";

const fiveMinutesMs = 300_000;
const [tenMillion, share] = [10_000_000, 1 / 286];

test.each([
  { least: 0, count: tenMillion, most: 0 },
  { least: 2_000, count: 0, most: 2_000 },
  { least: 2_000, count: 500_000, most: 2_000 },
  { least: 2_000, count: 1_000_000, most: 3_497 },
  { least: 2_000, count: tenMillion, most: 34_966 },
  { least: 2_000, count: 100 * tenMillion, most: 40_000 },
])("of $count things, and at least $least, an audit folds $most", ({ least, count, most }) => {
  expect(thingsPerAudit(least, count, { share, everyMs: fiveMinutesMs })).toBe(most);
});

test("audits that are further apart fold as much more", () => {
  const hourly = { share: 1 / 22, everyMs: 12 * fiveMinutesMs };
  expect(thingsPerAudit(2_000, tenMillion, hourly)).toBe(454_546);
  expect(thingsPerAudit(2_000, 100 * tenMillion, hourly)).toBe(12 * 40_000);
});

test("portions follow each other until one is the last, and not while another is under way", async () => {
  let [done, underWay] = [0, 0];
  const portion = async () => {
    expect(underWay).toBe(0);
    underWay += 1;
    await Promise.resolve();
    underWay -= 1;
    done += 1;
    return { isDone: done === 3 };
  };
  await inPortions(portion, new AbortController().signal);
  expect(done).toBe(3);
});

test("nothing more is asked once the audit is ended", async () => {
  const control = new AbortController();
  let done = 0;
  const portion = async () => {
    done += 1;
    control.abort();
    return { isDone: false };
  };
  await expect(inPortions(portion, control.signal)).rejects.toThrow();
  expect(done).toBe(1);
});

test("whoever is quick is asked for more, whoever is slow for less, and neither without an end", () => {
  const pace = openPace(500);
  const sizes = (took: readonly number[]) =>
    took.map((ms) => {
      pace.took(ms);
      return pace.size();
    });
  expect(pace.size()).toBe(100);
  expect(sizes([20, 20, 20, 2_000])).toEqual([200, 400, 500, 500]);
  expect(sizes([9_000, 9_000, 9_000, 9_000, 9_000, 9_000, 9_000])).toEqual([250, 125, 62, 31, 15, 10, 10]);
});
