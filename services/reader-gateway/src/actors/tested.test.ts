import { testedTagsMax } from "@tagwire/messages";
import { expect, test } from "vitest";
import { tagRead } from "../floor/scripted-driver.ts";
import { hearTested, newTested, testedTags } from "./tested.ts";

test("each tag is told by antenna with its loudest read and its count, and every read is filtered by the test", () => {
  const tested = newTested();
  const tallies = hearTested(tested, [
    tagRead("AA", { rssiDbm: -60, count: 3 }),
    tagRead("AA", { rssiDbm: -48, count: 0 }),
    tagRead("AA", { rssiDbm: -52, antenna: 2 }),
    tagRead("BB", { rssiDbm: null, tid: "E2" }),
  ]);
  expect(testedTags(tested)).toEqual([
    { tag: "AA", antenna: 1, rssiDbm: -48, count: 4 },
    { tag: "AA", antenna: 2, rssiDbm: -52, count: 1 },
    { tag: "BB", tid: "E2", antenna: 1, rssiDbm: null, count: 1 },
  ]);
  expect(tested.reads).toBe(6);
  expect(tallies).toEqual([
    { antenna: 1, reads: 5, filtered: { test: 5 } },
    { antenna: 2, reads: 1, filtered: { test: 1 } },
  ]);
});

test("of more tags than an answer has the loudest are told, and all reads are counted", () => {
  const tested = newTested();
  const reads = Array.from({ length: testedTagsMax + 50 }, (_, index) =>
    tagRead(index.toString(16).toUpperCase().padStart(4, "0"), { rssiDbm: -30 - index / 10 }),
  );
  hearTested(tested, reads);
  const told = testedTags(tested);
  expect(told).toHaveLength(testedTagsMax);
  expect(told[0]?.tag).toBe("0000");
  expect(tested.reads).toBe(testedTagsMax + 50);
});
