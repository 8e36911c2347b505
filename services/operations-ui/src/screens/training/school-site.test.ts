import { isTrainingSite } from "@tagwire/messages";
import { expect, test } from "vitest";
import { schoolOf } from "./school-site.ts";

const schoolIdOf = (id: string): string => schoolOf({ id, name: id, timeZone: "UTC" }).id;

test("a site's training site is called as it is, in its zone", () => {
  expect(schoolOf({ id: "yard", name: "Yard", timeZone: "America/Chicago" })).toEqual({
    ...{ id: "training-yard", name: "Training Yard", timeZone: "America/Chicago" },
  });
  expect(schoolIdOf("x".repeat(23))).toBe(`training-${"x".repeat(23)}`);
});

test("of sites that differ only at the end of a long id, each has a training site of its own, and always the same", () => {
  const ids = Array.from({ length: 100 }, (_, index) => `warehouse-of-the-north-${index}`);
  const schools = ids.map(schoolIdOf);
  expect(new Set(schools).size).toBe(ids.length);
  expect(ids.map(schoolIdOf)).toEqual(schools);
  for (const school of schools) {
    expect(school).toMatch(/^[a-z0-9-]{1,32}$/);
    expect(isTrainingSite(school), school).toBe(true);
  }
});
