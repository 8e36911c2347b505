import { findLeaseMs, foundReadsMax } from "@tagwire/messages";
import { expect, test } from "vitest";
import { hearSought, isSought, newFinder, seek, takeFound } from "./finder.ts";
import { read } from "./test-smoothing.ts";

test("what somebody looks for is told by antenna and reader, as loud as it was at best", () => {
  const finder = newFinder();
  seek(finder, { seeker: "a", tags: ["aa01", "bb"] }, 0);
  const reads = [
    read({ epc: "AA01", rssiDbm: -70 }),
    read({ epc: "AA01", rssiDbm: -50, count: 3, heardAtMs: 2_000 }),
    read({ epc: "AA01", rssiDbm: null, antenna: 2 }),
    read({ epc: "CC" }),
    read({ epc: "CC", tid: "BB" }),
  ];
  hearSought(finder, "dock", reads, 10);
  hearSought(finder, "gate", [read({ epc: "AA01", rssiDbm: -60 })], 10);
  expect(
    takeFound(finder).map(({ tag, reader, antenna, rssiDbm, count }) => [
      tag,
      reader,
      antenna,
      rssiDbm,
      count,
    ]),
  ).toEqual([
    ["AA01", "dock", 1, -50, 4],
    ["AA01", "dock", 2, null, 1],
    ["BB", "dock", 1, -60, 1],
    ["AA01", "gate", 1, -60, 1],
  ]);
  expect(takeFound(finder)).toEqual([]);
});

test("nobody is read for who has gone, stopped, or looks for something else by now", () => {
  const finder = newFinder();
  seek(finder, { seeker: "a", tags: ["AA"] }, 0);
  seek(finder, { seeker: "b", tags: ["BB"] }, 0);
  seek(finder, { seeker: "a", tags: ["CC"] }, findLeaseMs - 1);
  hearSought(finder, "dock", [read({ epc: "AA" }), read({ epc: "BB" }), read({ epc: "CC" })], findLeaseMs);
  expect(takeFound(finder).map(({ tag }) => tag)).toEqual(["CC"]);
  seek(finder, { seeker: "a", tags: [] }, findLeaseMs);
  expect(isSought(finder)).toBe(false);
});

test("of more than a message takes the loudest are told, and seekers are bounded", () => {
  const finder = newFinder();
  for (let one = 0; one < 200; one += 1) seek(finder, { seeker: String(one), tags: ["AA"] }, 0);
  expect(finder.seekers.size).toBe(64);
  const reads = Array.from({ length: foundReadsMax + 10 }, (_, antenna) =>
    read({ epc: "AA", antenna, rssiDbm: -antenna }),
  );
  hearSought(finder, "dock", reads, 1);
  const found = takeFound(finder);
  expect(found).toHaveLength(foundReadsMax);
  expect(Math.min(...found.map(({ rssiDbm }) => rssiDbm ?? 0))).toBe(1 - foundReadsMax);
});
