import { Value } from "typebox/value";
import { expect, test } from "vitest";
import {
  DifferencesPage,
  differencesExample,
  RoundItemsPage,
  roundItemsExample,
} from "./contract-differences.ts";

test("the examples of a difference report are answers", () => {
  expect([...Value.Errors(DifferencesPage, differencesExample)]).toEqual([]);
  expect([...Value.Errors(RoundItemsPage, roundItemsExample)]).toEqual([]);
});
