import { auditIntervalMs } from "@tagwire/messages";

/* How much of what no single audit can prove whole is proven in one: by the time that has passed, and not by how many audits a day has. */

const dayMs = 86_400_000;
/** Whoever asks between the audits of the clock waits for the answer: that is as much as one of five minutes has to do. */
const askedShareMax = auditIntervalMs / dayMs;

/** All of it is proven within this, so that with an audit that is a little late nothing is older than a day. */
const windowMsOf = (everyMs: number): number => Math.max(everyMs, dayMs - 2 * everyMs);

/** When an audit is: whether the clock asked for it, how far apart those are, and now, in ms since 1970. */
export type AuditMoment = { readonly isDue: boolean; readonly everyMs: number; readonly nowMs: number };

/**
 * The share of everything that is due, from 0 to 1.
 *
 * @param provenUntilMs up to when all that was due has been proven; null for a site that was never audited
 */
export const dueShare = (provenUntilMs: number | null, { isDue, everyMs, nowMs }: AuditMoment): number => {
  const sinceMs = Math.max(0, nowMs - (provenUntilMs ?? nowMs - everyMs));
  return Math.min(isDue ? 1 : askedShareMax, sinceMs / windowMsOf(everyMs));
};

/** The share that falls due from one audit of the clock to the next. */
export const intervalShare = ({ everyMs }: Pick<AuditMoment, "everyMs">): number =>
  Math.min(1, everyMs / windowMsOf(everyMs));

/** Up to when all that was due has been proven, once an audit has proven this share of everything. */
export const provenUntil = (
  beforeMs: number | null,
  share: number,
  { everyMs, nowMs }: Omit<AuditMoment, "isDue">,
): number => {
  const windowMs = windowMsOf(everyMs);
  // Whoever is behind by more than everything has everything to prove, and no more.
  return Math.min(nowMs, Math.max(beforeMs ?? nowMs - everyMs, nowMs - windowMs) + share * windowMs);
};

/** The share of everything that was last proven more than a day ago; 0 where nothing was. */
export const shareBehind = (
  provenUntilMs: number,
  { everyMs, nowMs }: Omit<AuditMoment, "isDue">,
): number => {
  const windowMs = windowMsOf(everyMs);
  const lateMs = nowMs - provenUntilMs + windowMs - Math.max(dayMs, windowMs + 2 * everyMs);
  return Math.max(0, Math.min(1, lateMs / windowMs));
};
