import { describeTag, thingNameOf } from "@tagwire/epc";

/** Whole words of 16 bits, as a chip counts its EPC memory, and so many that nobody writes them as a code of their own house: 96 bits. */
const epcWords = /^(?:[\dA-F]{4}){6,}$/;

/** What begins so is no name of GS1, all of which are links and URIs. */
const bare = (tag: string): string => `epc:${tag}`;

/**
 * The name by which one site of a house holds a tag: what GS1 calls its thing, or the tag itself where it is the EPC of a chip that GS1
 * names nothing by, such as one of the firm's own sequence. Null for a code of a site's own (`house-7`), and for the number of a
 * chip (E2…), which stands where no EPC was written yet.
 */
export const heldNameOf = (tag: string): string | null => {
  const name = thingNameOf(tag);
  if (name !== null || !epcWords.test(tag)) return name;
  return describeTag(tag).scheme === "tid" ? null : bare(tag);
};
