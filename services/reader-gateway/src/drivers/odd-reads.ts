import { tagLengthMax } from "@tagwire/messages";
import type { DriverHost } from "./driver.ts";

/** Something that may be wrong with every read there is. */
export type OddReads = "tag_blank" | "tag_too_long" | "clock_unbelievable" | "tid_unread";

const advice: Readonly<Record<OddReads, string>> = {
  tag_blank: "a tag without an EPC is in the field; write one to it or take it away",
  tag_too_long: `a tag's EPC has more than ${tagLengthMax} hex digits, which no item can have; write a shorter one to it`,
  clock_unbelievable:
    "the reader's clock jumps or tells impossible times; such reads count as heard when they came",
  tid_unread:
    "a tag was heard and its TID could not be read; bring it nearer, or give the antenna more power; chips with less than 96 bits of it have none to tell",
};

/** Why no item can have this tag; undefined when one can. Such a read is delivered all the same, and counted as filtered. */
export const oddTag = (epc: string): "tag_blank" | "tag_too_long" | undefined => {
  if (epc === "") return "tag_blank";
  return epc.length > tagLengthMax ? "tag_too_long" : undefined;
};

/**
 * Tells of odd reads, for as long as one connection. They may be thousands: the first is told, then the tenth, the hundredth and so
 * on, each time with how many there were, so that it is seen whether it was one or goes on.
 */
export const tellOddReads = (host: DriverHost): ((what: OddReads, count: number) => void) => {
  const counts = new Map<OddReads, number>();
  return (what, count) => {
    const before = counts.get(what) ?? 0;
    const now = before + count;
    counts.set(what, now);
    const hasMoreDigits = String(now).length > String(before).length;
    if (before > 0 && !hasMoreDigits) return;
    host.notice({ kind: "warning", code: what, message: `${advice[what]} (reads so far: ${now})` });
  };
};
