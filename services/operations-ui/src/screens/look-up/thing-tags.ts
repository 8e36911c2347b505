import { EpcError, encodeEpc, tagsOf } from "@tagwire/epc";

/** Under this length the end of a tag is that of too many others to be asked for. */
const endLengthMin = 6;

/** A tag says in its first hex digits by which scheme it is written. */
const headerLength = 2;

/** What to ask for, to find the tags that name one thing: an end that they have in common, and which of those found are meant. */
export type ThingTags = { readonly end: string; readonly tags: ReadonlySet<string> };

/** Whether a text names a thing by its EPC URI or its GS1 Digital Link rather than by a tag. */
export const namesAThing = (text: string): boolean => /^(urn:epc:|https?:\/\/)/i.test(text);

const commonEnd = (tags: readonly string[]): string => {
  const [first = "", ...others] = tags;
  let length = first.length;
  for (const tag of others) while (!tag.endsWith(first.slice(first.length - length))) length -= 1;
  return first.slice(first.length - length);
};

/** A tag URI says every bit. */
const tagOfTagUri = (name: string): string | undefined => {
  if (!name.startsWith("urn:epc:tag:")) return undefined;
  try {
    return encodeEpc(name);
  } catch (error) {
    if (error instanceof EpcError) return undefined;
    throw error;
  }
};

/**
 * The tags that a thing's name may stand for. A name leaves open how long the company prefix is, which filter value the tag has, and which
 * of the binary schemes: those of one scheme and length differ in front and have their end, the serial, in common. So one question for
 * each of these finds them, instead of one for each tag.
 */
export const thingTags = (name: string): readonly ThingTags[] => {
  const tag = tagOfTagUri(name);
  if (tag !== undefined) return [{ end: tag, tags: new Set([tag]) }];
  const byScheme = Map.groupBy(tagsOf(name), (each) => `${each.slice(0, headerLength)}${each.length}`);
  return [...byScheme.values()].flatMap((tags) => {
    const end = commonEnd(tags);
    return end.length < endLengthMin ? [] : [{ end, tags: new Set(tags) }];
  });
};
