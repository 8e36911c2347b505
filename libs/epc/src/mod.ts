/** What a tag's bits mean, and which bits say it: the binary schemes of GS1 EPC Tag Data Standard 1.13. Pure. */
export { describeTag, type TagIdentity } from "./classify.ts";
export { decodeEpc, type EpcIdentity, encodeEpc } from "./epc.ts";
export { EpcError, type EpcErrorCode } from "./epc-error.ts";
export { digitalLinkOf, tagsOf } from "./pure-identity.ts";
