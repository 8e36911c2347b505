import type { StaleParams } from "@tagwire/messages";
import { useEffect, useState } from "react";
import { fetchStaleLimits } from "../../api/boards.ts";

/** The limits that every site begins with, until those of this one are there. */
const limitsDefault: StaleParams = { days: 360, limits: [] };
/** How often the limits are asked for, in ms: they are of an alert rule, which a person changes now and then, and no live view tells. */
export const limitsIntervalMs = 60_000;

/** The limits of a site's own alert rule. */
export const useStaleLimits = (site: string): StaleParams => {
  const [limits, setLimits] = useState<StaleParams>(limitsDefault);
  useEffect(() => {
    const control = new AbortController();
    const ask = async () => {
      const answer = await fetchStaleLimits(site, control.signal);
      if (answer.kind !== "ok" || control.signal.aborted) return;
      const { days, limits: named } = answer.value.limits;
      setLimits((before) => {
        const now: StaleParams = { days, limits: named };
        return JSON.stringify(before) === JSON.stringify(now) ? before : now;
      });
    };
    void ask();
    const timer = setInterval(() => void ask(), limitsIntervalMs);
    return () => {
      clearInterval(timer);
      control.abort();
    };
  }, [site]);
  return limits;
};
