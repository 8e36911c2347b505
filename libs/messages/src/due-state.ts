import type { Day } from "./contract-board.ts";

export const dueStates = ["late", "today", "ahead"] as const;
export type DueState = (typeof dueStates)[number];

/** How a due day stands to today. A contract is overdue from the day after it was due: the hour is rarely meant. */
export const dueStateOf = (day: Day | null, today: Day): DueState | null => {
  if (day === null) return null;
  if (day === today) return "today";
  return day < today ? "late" : "ahead";
};
