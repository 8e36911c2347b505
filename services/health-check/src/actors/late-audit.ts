import { lateAuditIntervals } from "@tagwire/messages";
import { ofSite, type Sighting } from "./sighting.ts";

/** A site, as an audit of it begins: since when none came to its end, and how far apart audits are, all in ms. */
type Beginning = { readonly sinceMs: number; readonly nowMs: number; readonly everyMs: number };

const iso = (atMs: number): string => new Date(atMs).toISOString();

/**
 * Whether audits did not take place, as the next one tells: no audit of the site came to its end for more than twice the interval.
 *
 * @param isOver whether this one does: then the gap has an end, and until then only a beginning, which stays the same from audit to audit
 */
export const lateAudit = (beginning: Beginning | undefined, isOver: boolean): readonly Sighting[] => {
  if (beginning === undefined) return [];
  const { sinceMs, nowMs, everyMs } = beginning;
  if (nowMs - sinceMs <= lateAuditIntervals * everyMs) return [];
  const gap = isOver ? `from ${iso(sinceMs)} to ${iso(nowMs)}` : `since ${iso(sinceMs)}`;
  const detail = `no audit came to its end ${gap}, and one is due every ${Math.round(everyMs / 1_000)} s`;
  return [ofSite("audit_late", "audits", detail)];
};
