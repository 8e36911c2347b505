import { type DismissHeld, Fault, type Receipt, ScanDismissed } from "@tagwire/messages";
import type { Decision, Origin } from "./decision.ts";
import type { WaitingScan } from "./stray.ts";

/** What the receipts of dismissed scans tell: of the one that began to wait, and of the one that is in its place now. */
export const dismissedLater = (waiting: readonly WaitingScan[], { event }: Receipt) => {
  const later = {
    ...({ outcome: "rejected", code: "dismissed" } as const),
    ...(event === undefined ? {} : { event }),
  };
  return [...new Set(waiting.flatMap(({ id, heard }) => [id, heard.scan.id]))].map((id) => ({ id, later }));
};

/**
 * Dismissal: the scans that wait for a tag are never decided.
 *
 *   scans wait ──dismiss──► none waits   (says ScanDismissed; they stay in the log)
 *   none waits ──dismiss──► unchanged    (already applied)
 *
 * It is about what waits now: a scan of the tag that comes later waits anew, so a mistake costs one more scan, and no rule is kept
 * about tags that nobody knows.
 *
 * @throws Fault `tag_malformed` when nobody can have such a tag.
 */
export const decideDismissal = (
  tag: string | undefined,
  waiting: readonly WaitingScan[],
  { reason }: DismissHeld,
  origin: Origin,
): Decision => {
  if (tag === undefined) throw new Fault("tag_malformed", "");
  if (waiting.length === 0) return { outcome: "already_applied", flags: [], message: "no scan waits" };
  const scans = waiting.map(({ id }) => id);
  return {
    outcome: "accepted",
    message: `${scans.length} scans were dismissed`,
    flags: [],
    said: { type: ScanDismissed.type, tag, data: { scans, reason: reason.trim() }, ...origin },
  };
};
