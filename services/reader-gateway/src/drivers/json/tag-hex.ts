/** More is no EPC and no TID of any tag, in hex digits: longer texts are not looked at. */
const digitsMax = 1_024;

const hex = /^(?:[0-9A-Fa-f]{2})*$/;
/** Both alphabets, with or without padding. */
const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** Whole bytes in hex, in upper case; undefined when the text is none. */
export const hexOf = (text: string | undefined): string | undefined =>
  text !== undefined && text.length <= digitsMax && hex.test(text) ? text.toUpperCase() : undefined;

/** What base64 holds, in upper-case hex; undefined when the text is none. */
export const hexOfBase64 = (text: string | undefined): string | undefined => {
  if (text === undefined || text.length > digitsMax || !base64.test(text)) return undefined;
  // A last character of its own would be six bits of a byte.
  if (text.replaceAll("=", "").length % 4 === 1) return undefined;
  return Buffer.from(text, "base64").toString("hex").toUpperCase();
};
