/*
 * What ids look like, apart from their schemas: a page in a browser asks this too, and would have to load the library of the schemas
 * with it.
 */

export const readerIdPattern = "^[A-Za-z0-9_-]{1,48}$";

export const tagLengthMax = 64;

/**
 * The one form of a tag under which it is known: trimmed, hex in upper case.
 *
 * Other ids keep their case: `chair-12` and `Chair-12` are two stickers. Returns undefined when nothing printable, more than
 * {@link tagLengthMax} characters or control characters remain.
 */
export const normaliseTag = (raw: string): string | undefined => {
  const tag = raw.trim();
  if (tag.length === 0 || tag.length > tagLengthMax) return undefined;
  if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]+$/u.test(tag)) return undefined;
  return /^[0-9a-fA-F]+$/.test(tag) ? tag.toUpperCase() : tag;
};
