import { describeTag } from "@tagwire/epc";

/**
 * Says which tags begin as one of `beginnings` does: in hex, as pure identity or as Digital Link. Without any, all do.
 * What a tag is called is only worked out where a beginning is a name.
 */
export const wantedBy = (beginnings: readonly string[]): ((tag: string, isIso?: boolean) => boolean) => {
  if (beginnings.length === 0) return () => true;
  const isHex = (beginning: string) => /^[0-9A-Fa-f]+$/.test(beginning);
  const digits = beginnings.filter(isHex).map((beginning) => beginning.toUpperCase());
  const names = beginnings.filter((beginning) => !isHex(beginning));
  return (tag, isIso = false) => {
    if (digits.some((beginning) => tag.startsWith(beginning))) return true;
    // What a tag of ISO holds may begin as an EPC does, and is none.
    if (names.length === 0 || isIso) return false;
    const described = describeTag(tag);
    if (!("uri" in described)) return false;
    const own = [described.uri, described.digitalLink];
    return names.some((beginning) => own.some((name) => name?.startsWith(beginning)));
  };
};
