import type { TimelineRow } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

/** Puts a tag on a thing of a class; `id` makes a repeat the same thing. */
export const stockTag = (
  site: string,
  { tag, class: name }: { readonly tag: string; readonly class: string },
  id: string,
): Promise<Answer<unknown>> =>
  call(`/sites/${encodeURIComponent(site)}/items`, {
    ...{ method: "POST", body: { tag, class: name }, idempotencyKey: id },
  });

/**
 * The events by which a tag came into stock, newest first: that it did, and what had waited for it. Whoever takes it out of stock again takes
 * back all of them.
 */
export const stockedBy = (rows: readonly TimelineRow[]): readonly number[] => {
  const created = rows.find(({ type }) => type === "item.created.v1");
  if (created?.pos === undefined) return [];
  const since = rows.filter(
    ({ pos, flags }) => (pos ?? 0) > (created.pos ?? 0) && flags.includes("from_quarantine"),
  );
  return [...since, created].flatMap(({ pos }) => pos ?? []);
};
