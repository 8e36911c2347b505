import { describeTag } from "./classify.ts";
import { encodeEpc } from "./epc.ts";
import { EpcError } from "./epc-error.ts";
import { digitalLinkOf, tagsOf } from "./thing.ts";

const nameOfBits = (hex: string): string | null => {
  const identity = describeTag(hex);
  return "uri" in identity ? (digitalLinkOf(identity.uri) ?? identity.uri) : null;
};

const nameOfTagUri = (uri: string): string | null => {
  try {
    return nameOfBits(encodeEpc(uri));
  } catch (error) {
    if (error instanceof EpcError) return null;
    throw error;
  }
};

/** Of a pure identity that is no GS1 key, its own text, where tags can hold it. */
const nameOfIdentity = (uri: string): string | null =>
  digitalLinkOf(uri) ?? (tagsOf(uri).length > 0 ? uri : null);

/**
 * What GS1 calls the thing that a tag names, one text for all tags of it: whatever their filter, scheme, way of writing and the data they
 * carry besides, and whether a chip holds it or a label has it printed as a Digital Link or an EPC URI. Null for a tag that is no GS1 EPC:
 * it names nothing but itself.
 */
export const thingNameOf = (tag: string): string | null => {
  if (/^https?:/i.test(tag)) return digitalLinkOf(tag);
  if (tag.startsWith("urn:epc:id:")) return nameOfIdentity(tag);
  return /^urn:epc:(tag|raw):/.test(tag) ? nameOfTagUri(tag) : nameOfBits(tag);
};
