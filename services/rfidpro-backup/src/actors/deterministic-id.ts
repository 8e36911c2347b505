import { createHash } from "node:crypto";
import { canonicalJson } from "@tagwire/digest";

/** An id that follows from what it names: whoever says the same thing again says it under the same id, and it is done once. */
export const idOf = (...named: readonly unknown[]): string => {
  const hex = createHash("sha256").update(canonicalJson(named)).digest("hex");
  // Version 8 of RFC 9562: the bits are our own.
  const digits = `${hex.slice(0, 12)}8${hex.slice(13, 16)}8${hex.slice(17, 32)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

/** The scan by which an import states what a thing is now. RFIDpro has none like it. */
export const baselineIdOf = (site: string, tag: string): string => idOf(site, "rfidpro-baseline", tag);
