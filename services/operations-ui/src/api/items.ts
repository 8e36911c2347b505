import type { Item, Receipt, TimelineRow } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";

/** What the bits of a tag mean. A tag that is no GS1 EPC has only its scheme. */
export type DecodedEpc = {
  readonly scheme: string;
  readonly uri?: string;
  readonly tagUri?: string;
  readonly digitalLink?: string | null;
  /** What the tag says besides, by GS1 application identifier. */
  readonly data?: Readonly<Record<string, string>>;
};
export type ItemFacts = Item & { readonly epc: DecodedEpc };
export type TimelinePage = { readonly data: TimelineRow[]; readonly nextCursor: string | null };

export const timelinePageSize = 50;

const itemPath = (site: string, tag: string): string =>
  `/sites/${encodeURIComponent(site)}/items/${encodeURIComponent(tag)}`;

export const fetchItem = (site: string, tag: string, signal: AbortSignal): Promise<Answer<ItemFacts>> =>
  call(itemPath(site, tag), { signal });

export const fetchTimeline = (
  site: string,
  tag: string,
  page: { cursor?: string; signal?: AbortSignal },
): Promise<Answer<TimelinePage>> => {
  const query = new URLSearchParams({ limit: String(timelinePageSize) });
  if (page.cursor !== undefined) query.set("cursor", page.cursor);
  return call(`${itemPath(site, tag)}/timeline?${query}`, page.signal ? { signal: page.signal } : {});
};

/** What a person changes of a thing by hand. */
export type ItemChange = { readonly status: string } | { readonly place: string | null };

/** Changes the version of a thing that was read; `id` makes a repeat the same change. */
export const changeItem = (
  site: string,
  { tag, version }: Pick<Item, "tag" | "version">,
  change: ItemChange,
  { id, signal }: { readonly id: string; readonly signal: AbortSignal },
): Promise<Answer<Receipt>> =>
  call(itemPath(site, tag), { method: "PATCH", body: change, version, idempotencyKey: id, signal });
