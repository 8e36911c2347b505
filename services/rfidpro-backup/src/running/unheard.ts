import { findUnheard } from "../store/runs.ts";
import { type Keeping, keepRun } from "./keep-run.ts";

/** What is said of a run while nobody knows whether it is carried out. */
export const unheardWhy =
  "Whoever reads it has not been heard of for some seconds. Should that process be gone, another goes on where it stands within half a minute.";

/** Says so of each run whose owner is silent: a page that only said that it reads would be believed. Its owner, heard of again, takes it back. */
export const tellUnheard = async (keeping: Keeping): Promise<void> => {
  for (const lost of await findUnheard(keeping.sql))
    await keepRun(keeping, lost, ({ run, isLost, cancelledBy }) =>
      run.state === "running" && !isLost && cancelledBy === null && run.why !== unheardWhy
        ? { ...run, why: unheardWhy }
        : undefined,
    );
};
