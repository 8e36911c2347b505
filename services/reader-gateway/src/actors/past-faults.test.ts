import { faultCatalogue, type PastFault, pastFaultsMax } from "@tagwire/messages";
import { expect, test } from "vitest";
import { remember, warningOf } from "./past-faults.ts";

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const failure = (code: string) => ({ kind: "failure" as const, code, message: code, advice: "look" });

test("what comes again is counted at the front, and pushes nothing out", () => {
  let past: readonly PastFault[] = [];
  past = remember(past, failure("reader.closed"), at(1));
  for (let second = 2; second < 50; second += 1) past = remember(past, failure("reader.refused"), at(second));
  expect(past).toEqual([
    { ...failure("reader.refused"), at: at(49), times: 48 },
    { ...failure("reader.closed"), at: at(1), times: 1 },
  ]);
  expect(remember(past, failure("reader.closed"), at(60))[0]).toMatchObject({
    code: "reader.closed",
    times: 2,
  });
});

test("the oldest goes when there are too many", () => {
  let past: readonly PastFault[] = [];
  for (let nth = 0; nth < pastFaultsMax + 3; nth += 1) past = remember(past, failure(`f${nth}`), at(nth));
  expect(past).toHaveLength(pastFaultsMax);
  expect(past.at(-1)?.code).toBe("f3");
});

test("a warning has advice where the catalogue has some, and is not without end", () => {
  expect(warningOf("reader.antenna", "port 2")).toMatchObject({
    kind: "warning",
    advice: faultCatalogue["reader.antenna"].advice,
  });
  // Half of a letter is none, and Postgres would take nothing that has one in it.
  expect(warningOf(`${"x".repeat(63)}📡`, "").code).toBe(`${"x".repeat(63)}📡`);
  expect(warningOf("x".repeat(500), "a\n\nb")).toEqual({
    kind: "warning",
    code: "x".repeat(64),
    message: "a b",
  });
});
