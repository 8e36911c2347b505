import { eventsPerMessageMax } from "@tagwire/messages";
import { expect, test } from "vitest";
import { eventBytesMax, eventSliceBytesMax, eventSlicesOf } from "./event-slices.ts";

test("slices hold every event in its order, and each fits a message", () => {
  const events = Array.from({ length: 3 * eventsPerMessageMax }, (_, index) => ({
    index,
    pad: "ä".repeat(index % 400),
  }));
  const slices = eventSlicesOf(events);
  expect(slices.flat()).toEqual(events);
  for (const slice of slices) {
    expect(slice.length).toBeLessThanOrEqual(eventsPerMessageMax);
    expect(Buffer.byteLength(JSON.stringify(slice))).toBeLessThanOrEqual(eventSliceBytesMax + 2);
  }
});

test("no events are one empty slice", () => {
  expect(eventSlicesOf([])).toEqual([[]]);
});

test("an event that is too long for a message costs no other", () => {
  expect(eventSlicesOf([1, "x".repeat(eventBytesMax), 2])).toEqual([[1, null, 2]]);
});
