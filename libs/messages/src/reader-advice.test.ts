import { expect, test } from "vitest";
import { type FaultCode, faultCatalogue } from "./fault-catalogue.ts";
import { readerAdvice } from "./reader-advice.ts";

const ofConnections = [
  "reader.unreachable",
  "reader.refused",
  "reader.silent",
  "reader.closed",
  "reader.garbled",
] as const satisfies readonly FaultCode[];

test.each(ofConnections)(
  "%s of a serial reader speaks of no network, and of a network reader of no device",
  (code) => {
    expect(readerAdvice(code, "serial")).not.toMatch(/network|firewall|client|cabling|address/i);
    expect(readerAdvice(code, "network")).not.toMatch(/baud|dialout|plugged|\/dev/i);
  },
);

test("a missing device is looked for at its plug, its path and who may open it", () => {
  const advice = readerAdvice("reader.unreachable", "serial");
  for (const word of ["plugged in", "path", "dialout"]) expect(advice).toContain(word);
});

test("a reader that comes to us is looked at in its own settings, with its key", () => {
  expect(readerAdvice("reader.silent", "pushes")).toMatch(/its own settings.*key/);
});

test("what has nothing to do with the way is advised as ever", () => {
  for (const way of ["serial", "network", "pushes"] as const)
    expect(readerAdvice("reader.hot", way)).toBe(faultCatalogue["reader.hot"].advice);
});
