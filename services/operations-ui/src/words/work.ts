import type { Condition, ConditionFlag, ServiceWork } from "@tagwire/messages";
import { conditionFlags, conditionWords } from "./scans.ts";

/** What was done about a thing that was found so. */
export const workWords: Record<ConditionFlag, string> = {
  dirty: "Cleaned",
  leaves: "Leaves removed",
  oil: "Oil removed",
  mold: "Mold removed",
  stain: "Stain removed",
  oxidation: "Oxidation removed",
  rip: "Rip mended",
  sewing: "Sewn",
  grommet: "Grommet mended",
  rope: "Rope mended",
  buckle: "Buckle mended",
  wet: "Dried",
  service_required: "Serviced",
};

type Work = Partial<Pick<ServiceWork, "technician" | "done" | "cleared">>;

const foundWords = (condition: Condition): string[] => [
  ...conditionFlags
    .filter((flag) => condition[flag] === true)
    .map((flag) => conditionWords[flag].toLowerCase()),
  ...(condition.other ? [condition.other] : []),
];

/**
 * What is wrong with a thing, as whoever looked at it said: `rip or tear, a pole is bent`; else that it was looked at. Nothing where
 * nobody looked.
 */
export const conditionText = (condition: Condition | null | undefined): string | undefined => {
  const found = foundWords(condition ?? {});
  if (found.length > 0) return found.join(", ");
  const fine = conditionFlags.filter((flag) => condition?.[flag] === false);
  if (fine.length === conditionFlags.length) return "looked at, and fine";
  return fine.length === 0
    ? undefined
    : `fine: ${fine.map((flag) => conditionWords[flag].toLowerCase()).join(", ")}`;
};

/** Who worked on an item, what was done, and what that put right; nothing where nothing of it is known. */
export const workText = ({ technician, done = [], cleared = {} }: Work): string | undefined => {
  const found = conditionText(cleared);
  const parts = [
    ...(technician ? [technician] : []),
    ...(done.length > 0 ? [done.join(", ")] : []),
    ...(found === undefined ? [] : [`put right: ${found}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(" · ");
};
