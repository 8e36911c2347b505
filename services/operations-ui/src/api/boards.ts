import type { QuarantinedScan, Receipt, StaleParams } from "@tagwire/messages";
import { uuidv7 } from "uuidv7";
import { type Answer, call } from "./http.ts";

const boardPath = (site: string, board: string): string =>
  `/sites/${encodeURIComponent(site)}/boards/${board}`;
const heldPath = (site: string): string => `/sites/${encodeURIComponent(site)}/quarantine`;

/** The limits by which things of a site are taken for stale. */
export const fetchStaleLimits = (
  site: string,
  signal: AbortSignal,
): Promise<Answer<{ limits: StaleParams }>> => call(boardPath(site, "stale?limit=1"), { signal });

/** The scans that wait for a tag, as many as one page has: no tag is waited for by more. */
export const fetchHeld = (
  site: string,
  tag: string,
  signal: AbortSignal,
): Promise<Answer<{ data: QuarantinedScan[] }>> =>
  call(`${heldPath(site)}?${new URLSearchParams({ tag, limit: "100" })}`, { signal });

export const newDismissalId = (): string => uuidv7();

/** Dismisses the scans that wait for a tag. Safe to send again under the same id. */
export const dismissHeld = (
  site: string,
  { tag, id, reason }: { readonly tag: string; readonly id: string; readonly reason: string },
): Promise<Answer<{ receipt: Receipt }>> =>
  call(`${heldPath(site)}/${encodeURIComponent(tag)}:dismiss`, {
    method: "POST",
    body: { reason },
    idempotencyKey: id,
  });
