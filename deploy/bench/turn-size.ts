import type { System } from "./system.ts";

type Totals = { readonly sum: number; readonly count: number };

/** How many acts operations has decided so far, in how many turns: from its own metrics. */
export const readTurns = async ({ services }: System): Promise<Totals> => {
  const http = services.find(({ name }) => name === "operations")?.http ?? "";
  const text = await (await fetch(`${http}/metrics`)).text();
  const read = (what: string) =>
    Number(new RegExp(`^tagwire_turn_acts_${what}(?:\\{[^}]*\\})? (\\S+)`, "m").exec(text)?.[1] ?? 0);
  return { sum: read("sum"), count: read("count") };
};

/** The mean size of the turns between two readings, in acts. */
export const turnSize = (before: Totals, after: Totals): number =>
  Math.max(1, Math.round((after.sum - before.sum) / Math.max(1, after.count - before.count)));
