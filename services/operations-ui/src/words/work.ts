import type { Condition, ServiceWork } from "@tagwire/messages";
import { conditionFlags, conditionWords } from "./scans.ts";

type Work = Partial<Pick<ServiceWork, "technician" | "done" | "cleared">>;

const foundWords = (cleared: Condition): string[] => [
  ...conditionFlags
    .filter((flag) => cleared[flag] === true)
    .map((flag) => conditionWords[flag].toLowerCase()),
  ...(cleared.other ? [cleared.other] : []),
];

/** Who worked on an item, what was done, and what that put right; nothing where nothing of it is known. */
export const workText = ({ technician, done = [], cleared = {} }: Work): string | undefined => {
  const found = foundWords(cleared);
  const parts = [
    ...(technician ? [technician] : []),
    ...(done.length > 0 ? [done.join(", ")] : []),
    ...(found.length > 0 ? [`put right: ${found.join(", ")}`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(" · ");
};
