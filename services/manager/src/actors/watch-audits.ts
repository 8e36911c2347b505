import { auditIntervalMs, type FindingCode, lateAuditIntervals } from "@tagwire/messages";
import type { Sight } from "./alert.ts";
import { lookGapMsMax, type Watch, type Watches } from "./watch.ts";

/** What the health check says of its audits of a site. */
export type NewestAudit = {
  /** When the newest one began; null where there was none. */
  readonly atMs: number | null;
  readonly everyMs: number | undefined;
};

/** What an audit may take beyond the two intervals after which its finding says that it is late. */
const graceMs = 60_000;
const key = "/audits";
const iso = (atMs: number): string => new Date(atMs).toISOString();

export const auditLate = "audit_late" satisfies FindingCode;

/**
 * Looks at when a site was audited last. That no audit takes place any more no audit tells, so it is told here: when the newest one is
 * older than two intervals and a minute, 11 minutes as a rule, whether the health check says so or does not answer.
 *
 * @param newest undefined where nobody answers: then what was known before goes on getting older
 */
export const watchAudits = (
  newest: NewestAudit | undefined,
  before: Watches,
  { nowMs, isHeld }: { readonly nowMs: number; readonly isHeld: boolean },
): { readonly watches: Watches; readonly sight: Sight | undefined } => {
  const known = before.get(key);
  // What nobody looked at for a while may have been otherwise meanwhile: it counts from now.
  const last =
    known !== undefined && (isHeld || nowMs - known.observedAtMs <= lookGapMsMax) ? known : undefined;
  const everyMs = newest?.everyMs ?? last?.value ?? auditIntervalMs;
  const sinceMs = newest?.atMs ?? last?.sinceMs ?? nowMs;
  const watch: Watch = { value: everyMs, sinceMs, observedAtMs: nowMs };
  const watches = new Map([[key, watch]]);
  if (nowMs - sinceMs <= lateAuditIntervals * everyMs + graceMs) return { watches, sight: undefined };
  const what = newest === undefined ? "the health check does not answer" : "no audit has begun since";
  const subject = { key: "audits", since: iso(sinceMs), detail: what };
  return { watches, sight: { count: 1, subjects: [subject] } };
};
