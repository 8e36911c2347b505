import { describeTag } from "./classify.ts";
import { encodeEpc } from "./epc.ts";
import { thingNameOf } from "./thing-name.ts";

const uriOfBits = (hex: string): string | null => {
  const identity = describeTag(hex);
  return "uri" in identity ? identity.uri : null;
};

/**
 * The URI by which a thing is told to others, as EPCIS wants it (EPCIS 2.0 §6.4): its pure identity, or its canonical Digital Link where the
 * tag does not say how long the company prefix is, as a code that is printed as a link does not. Null for a tag that is no GS1 EPC.
 */
export const thingUriOf = (tag: string): string | null => {
  const name = thingNameOf(tag);
  if (name === null || /^https?:/i.test(tag)) return name;
  if (tag.startsWith("urn:epc:id:")) return tag;
  return uriOfBits(tag.startsWith("urn:") ? encodeEpc(tag) : tag);
};
