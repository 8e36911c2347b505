/**
 * What a tag's bits mean, and which bits say it: the binary schemes of GS1 EPC Tag Data Standard 1.13, and those with a plus sign and
 * with two of TDS 2.3. Pure.
 */
export { describeTag, isIsoPc, pcToggle, type TagIdentity } from "./classify.ts";
export { decodeEpc, type EpcIdentity, encodeEpc, encodeLink, type LinkCoding } from "./epc.ts";
export { EpcError, type EpcErrorCode } from "./epc-error.ts";
export { digitalLinkOf, isSameThing, pureIdentityOf, tagsOf } from "./thing.ts";
export { thingNameOf } from "./thing-name.ts";
export { thingUriOf } from "./thing-uri.ts";
