import type { Item } from "@tagwire/messages";

/** The version of an item before its first event. */
const noVersion = 0;

/**
 * Whether a tag ended because its beginning was taken back: it leads to the tag that it came from, and one that was put on a new thing
 * to itself. Nothing carries it, as if it had never been given, so it may be put on any thing.
 */
export const isGivenBack = ({
  tag,
  replaces,
  replacedBy,
}: Pick<Item, "tag" | "replaces" | "replacedBy">): boolean =>
  replacedBy != null && (replaces === replacedBy || replacedBy === tag);

/**
 * Whether a tag was never put on a thing after all: that it was is taken back, and nobody knows the tag any more. One that was given
 * back is known still: it leads to the tag of its thing.
 */
export const isUnknownAgain = ({ tag, replacedBy }: Pick<Item, "tag" | "replacedBy">): boolean =>
  replacedBy === tag;

/** Whether nothing carries a tag. */
export const isFree = (item: Item | undefined): boolean => item === undefined || isGivenBack(item);

/** The version of an item that begins on a tag: whoever has seen an earlier one under it must never see the same number twice. */
export const firstVersionAfter = (item: Item | undefined): number => (item?.version ?? noVersion) + 1;
