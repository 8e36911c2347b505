import type { Item, TimelineRow } from "@tagwire/messages";
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
