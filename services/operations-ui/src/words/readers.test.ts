import { expect, test } from "vitest";
import {
  clockText,
  faultText,
  filteredText,
  isClockOff,
  noiseOf,
  rateText,
  shareText,
  strengthText,
  whereText,
} from "./readers.ts";

test.each([
  { offsetMs: undefined, text: "not told", isOff: false },
  { offsetMs: null, text: "not told", isOff: false },
  { offsetMs: 340, text: "right", isOff: false },
  { offsetMs: -2_000, text: "2 s behind", isOff: false },
  { offsetMs: 3_600_000, text: "1 h ahead", isOff: true },
])("a clock that is $offsetMs ms ahead is $text", ({ offsetMs, text, isOff }) => {
  expect(clockText(offsetMs)).toBe(text);
  expect(isClockOff(offsetMs)).toBe(isOff);
});

test.each([
  { counts: { reads: 0, filtered: 0 }, text: "–" },
  { counts: { reads: 1_000, filtered: 25 }, text: "2.5%" },
  { counts: { reads: 1_100, filtered: 125, filteredBy: { test: 100 } }, text: "2.5%" },
  { counts: { reads: 7, filtered: 7, filteredBy: { test: 7 } }, text: "–" },
  { counts: { reads: 1_300, filtered: 325, filteredBy: { test: 100, lost: 200 } }, text: "2.5%" },
])("of $counts the share is $text", ({ counts, text }) => {
  expect(shareText(noiseOf(counts))).toBe(text);
});

test.each([
  { filteredBy: undefined, text: "none" },
  { filteredBy: { lost: 0 }, text: "none" },
  {
    filteredBy: { lost: 1_203, test: 4, unattributed: 2 },
    text: "4 of tests, 1,203 lost with a process that was killed, 2 from before reasons were counted",
  },
])("reads that led to nothing by $filteredBy are $text", ({ filteredBy, text }) => {
  expect(filteredText(filteredBy)).toBe(text);
});

test.each([
  { reader: { antennas: [] }, text: "nowhere yet" },
  {
    reader: {
      station: "gate",
      antennas: [{ port: 1, place: "dock" }, { port: 2, place: "dock" }, { port: 3 }],
    },
    text: "gate, dock",
  },
  { reader: { antennas: [{ port: 1, station: "wash", place: "hall" }] }, text: "wash" },
])("$reader stands at $text", ({ reader, text }) => {
  expect(whereText(reader)).toBe(text);
});

test.each([
  { fault: { code: "reader.unreachable", message: "dock:5084" }, text: "Cannot be reached: dock:5084" },
  { fault: { code: "reader.silent", message: "" }, text: "Says nothing" },
  { fault: { code: "mercury_hot", message: "70 °C" }, text: "70 °C" },
  { fault: { code: "mercury_hot", message: "" }, text: "mercury_hot" },
  { fault: { code: "reader.closed", message: "reader.closed" }, text: "The connection ended" },
])("$fault is told as: $text", ({ fault, text }) => {
  expect(faultText(fault)).toBe(text);
});

test("figures are short", () => {
  expect([rateText(0), rateText(9.94), rateText(412.6)]).toEqual(["0.0", "9.9", "413"]);
  expect([strengthText(null), strengthText(-57.5)]).toEqual(["–", "-57 dBm"]);
});
