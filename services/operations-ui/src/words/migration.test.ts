import { expect, test } from "vitest";
import { gateTarget, gateText, gateVerdict } from "./migration.ts";

test("a gate says its value and its target as people do", () => {
  expect(gateText({ unit: "share" }, 0.9949)).toBe("99.49%");
  expect(gateText({ unit: "findings" }, 1)).toBe("1 finding");
  expect(gateTarget({ unit: "share", target: 0.995 })).toBe("at least 99.5%");
  expect(gateTarget({ unit: "scanners", target: 0 })).toBe("at most 0 old scanners");
  expect(gateTarget({ unit: "ms", target: 1_000 })).toBe("at most 1 s");
});

test("what was not measured is neither met nor not", () => {
  expect([true, false, null].map((met) => gateVerdict({ met }).word)).toEqual([
    ...["Met", "Not met", "Not measured"],
  ]);
});
