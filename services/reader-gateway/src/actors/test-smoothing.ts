import type { Station } from "@tagwire/messages";
import type { TagRead } from "../drivers/driver.ts";
import { type Bindings, type Bound, bindingsOf } from "./binding.ts";
import { defaultRule, type ReadRule } from "./read-rule.ts";
import { hearReads, newSmoothing, type Smoothing, type Step } from "./smoothing.ts";
import type { Whereabouts } from "./whereabouts.ts";
import type { Sighting } from "./window.ts";

export type Ruled = ReadRule & { readonly windowsMax: number };

export const settings: Ruled = { ...defaultRule, windowsMax: 100 };

/** Antennas 1 and 2 are at the gate, 3 is at the wash, and any other one is nowhere. */
export const gate: Bound = {
  antennas: [
    { port: 1, place: "gate" },
    { port: 2, place: "gate" },
    { port: 3, place: "wash" },
  ],
  station: null,
};

export const bound = (
  bound: Bound,
  rule: ReadRule = defaultRule,
  stations: readonly Station[] = [],
): Bindings => bindingsOf(bound, new Map(stations.map((station) => [station.id, station])), rule);

/** A reader with the antennas of {@link gate}. */
export const smoothingOf = ({ windowsMax, ...rule }: Ruled, whereabouts?: Whereabouts): Smoothing =>
  newSmoothing(bound(gate, rule), windowsMax, whereabouts);

/** What a frame makes said at once. */
export const hear = (smoothing: Smoothing, reads: readonly TagRead[], step: Step): Sighting[] =>
  hearReads(smoothing, reads, step).said;

export const read = (more: Partial<TagRead> = {}): TagRead => ({
  epc: "30395DFA8109A98000000001",
  antenna: 1,
  rssiDbm: -60,
  count: 1,
  heardAtMs: 1_000,
  ...more,
});
