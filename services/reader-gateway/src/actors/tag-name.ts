import { type FilterRule, normaliseTag } from "@tagwire/messages";
import type { TagRead } from "../drivers/driver.ts";
import type { Binding } from "./binding.ts";

type Named = { readonly name: string; readonly tag: string };

/** By what a read's tag is known, or why it goes no further. */
export const nameOf = ({ epc, tid, isIso }: TagRead, { identity, isWanted }: Binding): Named | FilterRule => {
  const chip = tid === undefined ? undefined : normaliseTag(tid);
  if (identity === "tid" && chip === undefined) return "no_tid";
  const tag = identity === "tid" ? chip : normaliseTag(epc);
  if (tag === undefined) return "impossible";
  if (!isWanted(tag, isIso === true && identity !== "tid")) return "unwanted";
  return { tag, name: identity === "both" && chip !== undefined ? `${tag}+${chip}` : tag };
};
