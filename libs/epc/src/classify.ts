import { isEpcHex } from "./bits.ts";
import { decodeEpc, type EpcIdentity } from "./epc.ts";
import { EpcError } from "./epc-error.ts";

/**
 * What a tag id turned out to be.
 *
 * - an `EpcIdentity`: a GS1 EPC;
 * - "iso": the tag itself says that an ISO application family, not GS1, defines its content;
 * - "tid": the class id of a chip (E2…), which blank tags carry where their EPC will be;
 * - "opaque": anything else. It is still a good name for a thing, it only says nothing about it.
 */
export type TagIdentity = EpcIdentity | { scheme: "opaque" | "tid" | "iso" };

/** The numbering system toggle of the protocol control word (Gen2 air interface, PC bit 17h). */
export const pcToggle = 0x0100;

/** Whether a protocol control word says that an ISO application family, and not GS1, defines what follows it. */
export const isIsoPc = (pc: number): boolean => (pc & pcToggle) !== 0;

/** ISO/IEC 15963 allocation class of EPC tags: what a TID begins with. No EPC header has this value. */
const tidStart = /^E2/i;

/**
 * Says what a tag id is; never throws. `pc` is the protocol control word, where the reader reports it.
 */
export const describeTag = (tag: string, pc?: number): TagIdentity => {
  if (!isEpcHex(tag)) return { scheme: "opaque" };
  if (pc !== undefined && isIsoPc(pc)) return { scheme: "iso" };
  if (tidStart.test(tag)) return { scheme: "tid" };
  try {
    return decodeEpc(tag);
  } catch (error) {
    if (error instanceof EpcError) return { scheme: "opaque" };
    throw error;
  }
};
