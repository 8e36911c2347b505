import type { Item } from "@tagwire/messages";

/** Where a page begins in a list of items that goes by an instant and then by their tags. */
export type SinceCursor = { readonly since: string; readonly tag: string };

/** An item in such a list, and when it was last scanned, however that ended. */
export type SinceItem = { readonly item: Item; readonly since: string; readonly lastSeenAt: string | null };
