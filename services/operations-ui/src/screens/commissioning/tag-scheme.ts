import { describeTag, EpcError, encodeEpc } from "@tagwire/epc";
import type { TagScheme } from "@tagwire/messages";
import { readStored, store } from "../../stored.ts";

/** Where new tags come from, as somebody fills it in. */
export type SchemeFields = {
  readonly scheme: TagScheme["scheme"];
  readonly companyPrefix: string;
  readonly itemReference: string;
  readonly prefix: string;
};

export const schemeWords: Record<TagScheme["scheme"], string> = {
  "sgtin-96": "Trade item with a serial number (SGTIN-96)",
  "giai-96": "Individual asset (GIAI-96)",
  prefix: "The firm's own numbers",
};

export const emptyScheme: SchemeFields = {
  scheme: "prefix",
  companyPrefix: "",
  itemReference: "",
  prefix: "",
};

/** A company prefix and an item reference with its indicator digit fill thirteen digits (GS1 General Specifications §2.1.1). */
const sgtinDigits = 13;
/** What an own tag has in all, in hex digits: 96 bits. */
const ownLength = 24;

const wrongWith = ({ scheme, companyPrefix, itemReference, prefix }: SchemeFields): string | undefined => {
  if (scheme === "prefix")
    return /^[0-9A-Fa-f]{2,16}$/.test(prefix) ? undefined : "The beginning is 2 to 16 hex digits.";
  if (!/^\d{6,12}$/.test(companyPrefix)) return "A company prefix is 6 to 12 digits.";
  if (scheme === "giai-96") return undefined;
  if (!/^\d{1,7}$/.test(itemReference)) return "An item reference is 1 to 7 digits, the indicator first.";
  return companyPrefix.length + itemReference.length === sgtinDigits
    ? undefined
    : `Company prefix and item reference are ${sgtinDigits} digits together; these are ${companyPrefix.length + itemReference.length}.`;
};

/** What a tag of this kind looks like. Its number is given by the record, which goes on where it ended last. */
export type Proposal = { readonly tag: string; readonly uri: string | undefined };
export type ReadScheme =
  | { readonly scheme: TagScheme; readonly proposal: Proposal }
  | { readonly wrong: string };

const schemeOf = ({ scheme, companyPrefix, itemReference, prefix }: SchemeFields): TagScheme => {
  if (scheme === "sgtin-96") return { scheme, companyPrefix, itemReference };
  return scheme === "giai-96" ? { scheme, companyPrefix } : { scheme, prefix: prefix.toUpperCase() };
};

const exampleOf = (scheme: TagScheme): string => {
  if (scheme.scheme === "prefix") return `${scheme.prefix.padEnd(ownLength - 1, "0")}1`;
  const parts =
    scheme.scheme === "sgtin-96"
      ? [scheme.companyPrefix, scheme.itemReference, 1]
      : [scheme.companyPrefix, 1];
  // Filter value 0: all others, until somebody says better (TDS 1.13 §10.2).
  return encodeEpc(`urn:epc:tag:${scheme.scheme}:0.${parts.join(".")}`);
};

/** What was filled in, as the record takes it, with what comes of it; or what is wrong, in a sentence. */
export const readScheme = (fields: SchemeFields): ReadScheme => {
  const wrong = wrongWith(fields);
  if (wrong !== undefined) return { wrong };
  const scheme = schemeOf(fields);
  try {
    const tag = exampleOf(scheme);
    const { scheme: means, ...more } = describeTag(tag) as { scheme: string; uri?: string };
    if (scheme.scheme === "prefix" && means !== "opaque")
      return { wrong: `Numbers that begin so read as ${means.toUpperCase()}. Take another beginning.` };
    return { scheme, proposal: { tag, uri: more.uri } };
  } catch (error) {
    if (error instanceof EpcError) return { wrong: error.message };
    throw error;
  }
};

const keyOf = (site: string): string => `tagwire.scheme.${site}`;

/** What this device made tags of last: a house has one company prefix. */
export const readLastScheme = (site: string): SchemeFields => {
  try {
    const kept: unknown = JSON.parse(readStored(keyOf(site)) ?? "null");
    const fields = { ...emptyScheme, ...(kept as Partial<SchemeFields> | null) };
    return Object.hasOwn(schemeWords, fields.scheme) ? fields : emptyScheme;
  } catch {
    return emptyScheme;
  }
};
export const storeLastScheme = (site: string, fields: SchemeFields): void =>
  store(keyOf(site), JSON.stringify(fields));
