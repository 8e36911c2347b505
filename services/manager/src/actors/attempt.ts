import type { WebhookDeliveryState, WebhookDisabledReason } from "@tagwire/messages";
import { retryDelayMs } from "./retry-schedule.ts";

/** What came of posting once. */
export type AttemptOutcome = {
  readonly ok: boolean;
  /** Null when there was no answer. */
  readonly status: number | null;
  /** For people; null when it went well. */
  readonly error: string | null;
  readonly durationMs: number;
  /** How long the receiver asked us to wait, within our bounds. */
  readonly retryAfterMs: number | null;
};

/** What an attempt means for the event and for its endpoint. */
export type Verdict = {
  readonly state: Extract<WebhookDeliveryState, "delivered" | "pending" | "failed">;
  /** Failed attempts that count on the schedule. */
  readonly step: number;
  /** When it is tried again; null when it is not. */
  readonly retryInMs: number | null;
  /** For how long the whole endpoint waits. */
  readonly throttleMs: number | null;
  readonly disable: WebhookDisabledReason | null;
};

const dayMs = 86_400_000;
/** An endpoint that took nothing for so long is disabled, in ms. The schedule ends before, so this is for those who only throttle. */
export const failingMsMax = 5 * dayMs;

const gone = 410;
/** Statuses by which a receiver, or what stands before it, says that it is too much right now. */
const busy: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * Judges an attempt.
 *
 *   2xx ─────────────────────► delivered
 *   410 ─────────────────────► failed, the endpoint is disabled at once
 *   busy with Retry-After ───► pending, the whole endpoint waits; the schedule does not move on
 *   anything else ───────────► pending, later by the schedule; at its end failed, and the endpoint is disabled
 */
export const judgeAttempt = (
  outcome: AttemptOutcome,
  before: { readonly step: number; readonly failingForMs: number },
  pace: { readonly delaysMs: readonly number[]; readonly dice: number },
): Verdict => {
  const { step } = before;
  if (outcome.ok) return { state: "delivered", step, retryInMs: null, throttleMs: null, disable: null };
  if (outcome.status === gone)
    return { state: "failed", step: step + 1, retryInMs: null, throttleMs: null, disable: "gone" };

  const disable = before.failingForMs > failingMsMax ? "failing" : null;
  const throttleMs = busy.has(outcome.status ?? 0) ? outcome.retryAfterMs : null;
  if (throttleMs !== null) return { state: "pending", step, retryInMs: throttleMs, throttleMs, disable };

  const retryInMs = retryDelayMs(pace.delaysMs, step + 1, pace.dice);
  if (retryInMs === undefined)
    return { state: "failed", step: step + 1, retryInMs: null, throttleMs: null, disable: "exhausted" };
  return { state: "pending", step: step + 1, retryInMs, throttleMs: null, disable };
};
