import { describeTag, digitalLinkOf } from "@tagwire/epc";

/**
 * What GS1 calls the thing that a tag names, one text for all tags of it: whatever their filter, scheme, way of writing and the data they
 * carry besides. Null for a tag that is no GS1 EPC: it names nothing but itself.
 */
export const thingNameOf = (tag: string): string | null => {
  const identity = describeTag(tag);
  return "uri" in identity ? (digitalLinkOf(identity.uri) ?? identity.uri) : null;
};
