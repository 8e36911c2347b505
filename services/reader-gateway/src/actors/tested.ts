import { type TestedTag, testedTagsMax } from "@tagwire/messages";
import type { TagRead } from "../drivers/driver.ts";
import { createFrameCount } from "./frame-tally.ts";
import type { FrameTally } from "./ledger.ts";
import { countOf } from "./window.ts";

/** What was heard during a test of a reader. Pure but for its own map. */
export type Tested = {
  /** By tag, chip and antenna. */
  readonly tags: Map<string, TestedTag>;
  reads: number;
};

/** More than this a test does not tell apart: nobody holds so many tags before a reader to test it. */
const testedHeldMax = 5_000;

export const newTested = (): Tested => ({ tags: new Map(), reads: 0 });

const louder = (left: number | null, right: number | null): number | null =>
  left === null || right === null ? (left ?? right) : Math.max(left, right);

/** Hears reads of a test, and gives them as the ledger has to have them: filtered, since they become nothing else. */
export const hearTested = (tested: Tested, reads: readonly TagRead[]): readonly FrameTally[] => {
  const frame = createFrameCount();
  for (const read of reads) {
    const { epc: tag, tid, antenna, rssiDbm } = read;
    const count = countOf(read);
    tested.reads += count;
    frame.read(antenna, count);
    frame.filter(antenna, "test", count);
    const key = `${tag}/${tid ?? ""}/${antenna}`;
    const before = tested.tags.get(key);
    if (before === undefined && tested.tags.size >= testedHeldMax) continue;
    tested.tags.set(key, {
      ...{ tag, antenna },
      ...(tid === undefined ? {} : { tid }),
      rssiDbm: before === undefined ? rssiDbm : louder(before.rssiDbm, rssiDbm),
      count: (before?.count ?? 0) + count,
    });
  }
  return frame.tallies();
};

/** The loudest first, and where strength is not told what was read most often. */
export const testedTags = ({ tags }: Tested): TestedTag[] => {
  const loudness = ({ rssiDbm }: TestedTag) => rssiDbm ?? -1_000;
  return [...tags.values()]
    .sort((one, other) => loudness(other) - loudness(one) || other.count - one.count)
    .slice(0, testedTagsMax);
};
