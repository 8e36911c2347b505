import { tagsOf } from "@tagwire/epc";

/** Every tag that could name one of these things, with each pure identity or Digital Link that it was asked by. */
export const tagsOfEpcs = (epcs: readonly string[]): ReadonlyMap<string, readonly string[]> => {
  const named = new Map<string, string[]>();
  for (const epc of new Set(epcs))
    for (const tag of tagsOf(epc)) {
      const names = named.get(tag);
      if (names === undefined) named.set(tag, [epc]);
      else names.push(epc);
    }
  return named;
};
