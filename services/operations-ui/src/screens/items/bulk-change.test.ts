import type { Item } from "@tagwire/messages";
import { expect, test } from "vitest";
import { foresee, isOut } from "./bulk-change.ts";

const item = (more: Partial<Item>): Item =>
  ({ tag: "A1", class: "Chair", status: "ready", place: null, version: 1, ...more }) as Item;

test.each([
  { what: "another place", is: {}, change: { place: "dock" }, becomes: "changes" },
  { what: "the same place", is: { place: "dock" }, change: { place: "dock" }, becomes: "as_it_is" },
  { what: "no place any more", is: { place: "dock" }, change: { place: null }, becomes: "changes" },
  { what: "another status", is: {}, change: { status: "wash" }, becomes: "changes" },
  { what: "the same status", is: { status: "wash" }, change: { status: "wash" }, becomes: "as_it_is" },
  {
    what: "the status of a tag that has ended",
    is: { status: "retired", replacedBy: "B2" },
    change: { status: "ready" },
    becomes: "retagged",
  },
  {
    what: "the place of a tag that has ended",
    is: { status: "retired", replacedBy: "B2" },
    change: { place: "bin" },
    becomes: "changes",
  },
] as const)("$what: $becomes", ({ is, change, becomes }) => {
  expect(foresee(item(is), change)).toBe(becomes);
});

test.each([
  { status: "on_rent", out: true },
  { status: "delivered", out: true },
  { status: "staged", out: false },
  { status: "wash", out: false },
] as const)("what is $status is with a client: $out", ({ status, out }) => {
  expect(isOut(item({ status }))).toBe(out);
});
