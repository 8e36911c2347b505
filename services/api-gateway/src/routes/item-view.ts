import { describeTag, pcToggle } from "@tagwire/epc";
import type { Item } from "@tagwire/messages";

/** What the tag of an item says: of one that a reader told to be of ISO, that alone. */
export const identityOf = ({ tag, lastScan }: Pick<Item, "tag" | "lastScan">) =>
  describeTag(tag, lastScan?.isIso === true ? pcToggle : undefined);

/** An item as people read it: with what its tag says. */
export const itemView = (item: Item) => ({ ...item, epc: identityOf(item) });
