import type { Contract } from "@tagwire/messages";

/** Items of each class that contracts still want, all together. What went out counts, whatever became of it since. */
export const wantedByClass = (contracts: readonly Contract[]): ReadonlyMap<string, number> => {
  const wanted = new Map<string, number>();
  for (const { lines, counts } of contracts)
    for (const { class: name, quantity } of lines) {
      const taken = Object.hasOwn(counts, name) ? counts[name] : undefined;
      const { staged = 0, out = 0, returned = 0, notRecorded = 0 } = taken ?? {};
      const left = quantity - staged - out - returned - notRecorded;
      if (left > 0) wanted.set(name, (wanted.get(name) ?? 0) + left);
    }
  return wanted;
};
