import { describeTag } from "@tagwire/epc";
import type { Item } from "@tagwire/messages";

/** An item as people read it: with what its tag says. */
export const itemView = (item: Item) => ({ ...item, epc: describeTag(item.tag) });
