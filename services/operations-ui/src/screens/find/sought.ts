import { normaliseTag } from "@tagwire/messages";

/** Tags that are looked for at once; it is what the live connection takes, written out since it stands beside schemas there. */
export const soughtMax: number = 200;
/** Where a tag that is looked for stands in an address, once for each. */
export const soughtKey = "tag";

/** The tags that an address names, in the one form of tags. */
export const soughtOf = (query: URLSearchParams): readonly string[] =>
  [...new Set(query.getAll(soughtKey).flatMap((text) => normaliseTag(text) ?? []))].slice(0, soughtMax);

/** The tags in what somebody pasted or typed: one in each line, or between commas or semicolons. */
export const tagsIn = (text: string): readonly string[] =>
  text.split(/[\n\r,;\t]+/).flatMap((part) => normaliseTag(part) ?? []);

/**
 * The tag that somebody means who typed one text, when things of that name have these tags: the text itself where it is one of them or
 * names nothing, and the only one there is. Undefined where several could be meant.
 */
export const meantOf = (typed: string, tags: readonly string[]): string | undefined => {
  if (tags.length === 0 || tags.includes(typed)) return typed;
  return tags.length === 1 ? tags[0] : undefined;
};

export const soughtQuery = (tags: readonly string[]): URLSearchParams =>
  new URLSearchParams(tags.map((tag) => [soughtKey, tag]));
