import { expect, test } from "vitest";
import { evidenceText } from "./evidence.ts";

test.each([
  {
    evidence: { reads: 9, peakRssiDbm: -48, station: "gate-1", tid: "E2801105" },
    text: "9 reads, −48 dBm at best · station gate-1 · chip E2801105",
  },
  { evidence: { reads: 1 }, text: "1 read" },
  {
    evidence: { reads: 2, stray: "undecided" },
    text: "2 reads · was at the gate and did not clearly pass it",
  },
  { evidence: { reads: 2, stray: "newer_reason" }, text: "2 reads · newer reason" },
  { evidence: { tid: "E28" }, text: "chip E28" },
  { evidence: {}, text: undefined },
])("$evidence is told as: $text", ({ evidence, text }) => {
  expect(evidenceText(evidence)).toBe(text);
});
