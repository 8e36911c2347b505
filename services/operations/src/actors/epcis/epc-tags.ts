import { tagsOf } from "@tagwire/epc";

/** Every tag that could say one of these pure identities, with the identity it would say. */
export const tagsOfEpcs = (epcs: readonly string[]): ReadonlyMap<string, string> =>
  new Map(epcs.flatMap((epc) => tagsOf(epc).map((tag) => [tag, epc] as const)));
