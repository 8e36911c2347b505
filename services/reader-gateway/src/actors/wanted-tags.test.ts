import { encodeEpc } from "@tagwire/epc";
import { expect, test } from "vitest";
import { wantedBy } from "./wanted-tags.ts";

const chair = encodeEpc("urn:epc:tag:sgtin-96:1.0614141.812345.6789");
const pallet = encodeEpc("urn:epc:tag:sscc-96:1.0614141.1234567890");

test("a tag of ISO is wanted by its hex, and is no company's, whatever its content looks like", () => {
  expect(wantedBy(["urn:epc:id:sgtin:0614141.", "https://id.gs1.org/01/"])(chair, true)).toBe(false);
  expect([wantedBy(["30"])(chair, true), wantedBy([])(chair, true)]).toEqual([true, true]);
});

test.each([
  ["everything, when nothing is asked for", [], [chair, pallet, "AB12", "chair-12", "E2801160"]],
  ["what begins with hex, in either case", ["30", "ab"], [chair, "AB12"]],
  ["what a scheme and a company have made", ["urn:epc:id:sgtin:0614141."], [chair]],
  ["what any of several beginnings wants", ["urn:epc:id:sscc:", "chair"], [pallet]],
  ["what a Digital Link leads to", ["https://id.gs1.org/01/"], [chair]],
])("wanted is %s", (_what, beginnings, wanted) => {
  const all = [chair, pallet, "AB12", "chair-12", "E2801160"];
  expect(all.filter((tag) => wantedBy(beginnings)(tag))).toEqual(wanted);
});
