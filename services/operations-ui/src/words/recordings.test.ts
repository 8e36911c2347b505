import { expect, test } from "vitest";
import { lengthText, sizeText } from "./recordings.ts";

test.each([
  [0, "0 B"],
  [1_023, "1023 B"],
  [1_024, "1 KiB"],
  [4_608, "4.5 KiB"],
  [65_536, "64 KiB"],
  [1_048_576, "1 MiB"],
  [67_108_864, "64 MiB"],
])("%d bytes are %s", (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

test("a recording tells how long it is, or why that is not known", () => {
  const from = "2026-03-03T14:02:00.000Z";
  expect(lengthText({ from, until: null, goingOn: true })).toBe("goes on");
  expect(lengthText({ from, until: null, goingOn: false })).toBe("cut off");
  expect(lengthText({ from, until: "2026-03-03T14:05:20.000Z", goingOn: false })).toBe("3 min");
});
