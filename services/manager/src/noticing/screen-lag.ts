import { ask, type Bus } from "@tagwire/bus";
import {
  type AlertRule,
  AskScreenLag,
  Fault,
  type LagDistribution,
  lagMinutesDefault,
  type ThresholdParams,
} from "@tagwire/messages";
import { segmentsOf } from "../actors/figure-pointer.ts";
import { minuteOf } from "../actors/minute.ts";

/** How long the api-gateway may take to say how far screens are behind, in ms. */
const timeoutMs = 2_000;
const minuteMs = 60_000;

/** Whether a rule watches how long screens take: that is known where the screens are, and not here. */
export const watchesScreens = ({ kind, params }: AlertRule): boolean => {
  if (kind !== "threshold") return false;
  const [root, board, figure] = segmentsOf((params as ThresholdParams).figure);
  return root === "boards" && board === "lag" && figure === "recordToScreen";
};

/** How far the screens of a site were behind in the last hour; undefined when no rule asks, or nobody says it now. */
export const askScreenLag = async (
  bus: Bus,
  {
    site,
    rules,
    nowMs,
  }: { readonly site: string; readonly rules: readonly AlertRule[]; readonly nowMs: number },
): Promise<LagDistribution | undefined> => {
  if (!rules.some(watchesScreens)) return undefined;
  const from = minuteOf(nowMs - (lagMinutesDefault - 1) * minuteMs);
  try {
    return (await ask(bus, AskScreenLag, { site, from }, { timeoutMs })).recordToScreen;
  } catch (error) {
    if (error instanceof Fault && error.retryable) return undefined;
    throw error;
  }
};
