import { expect, test } from "vitest";
import { openBudget } from "./budget.ts";

test("when all keep too much together, those who keep most are told, until it is enough", () => {
  const budget = openBudget(100);
  const [light, heavy, idle] = [budget.join(), budget.join(), budget.join()];
  light.change(10);
  heavy.change(90);
  expect([light, heavy, idle].map(({ isTooMuch }) => isTooMuch())).toEqual([false, false, false]);
  light.change(1);
  expect([light, heavy, idle].map(({ isTooMuch }) => isTooMuch())).toEqual([false, true, false]);
  heavy.change(-40);
  expect(heavy.isTooMuch()).toBe(false);
});

test("what a reader kept leaves with it", () => {
  const budget = openBudget(100);
  const [one, other] = [budget.join(), budget.join()];
  one.change(150);
  one.leave();
  other.change(100);
  expect(other.isTooMuch()).toBe(false);
  other.change(1);
  expect(other.isTooMuch()).toBe(true);
});
