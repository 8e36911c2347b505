import { bucketOf, keptBuckets } from "@tagwire/digest";
import { type Barrier, eventBlockPositions } from "@tagwire/messages";
import type { Sighting } from "../actors/sighting.ts";
import { blocksIn, checkBlocks } from "./check-log.ts";
import { type Drill, drifted, drilledMax } from "./drill.ts";

const blockOf = ({ key }: Sighting): number =>
  Math.floor((Number(key.split(":")[1]) - 1) / eventBlockPositions);

/** Events of which the sums differ: they were changed here, or have not all been applied there. What does not tell of a block is asked of the others. */
export const drillEvents = async (
  { bus, site, read, turns }: Pick<Drill, "bus" | "site" | "read" | "turns">,
  { epoch, pos }: Pick<Barrier, "epoch" | "pos">,
  buckets: readonly number[],
): Promise<Sighting[]> => {
  const looked = turns.take({ kind: "event", entity: "event" }, buckets, drilledMax);
  if (looked.length === 0) return [];
  const blocks = blocksIn(looked, pos - 1);
  const chain = await checkBlocks(bus, { site, epoch, blocks, head: pos - 1 });
  read(chain.checked);
  const drifts = await drifted({ bus, site, read }, { side: "operations", entity: "event", buckets: looked });
  const broken = new Set(chain.broken.filter(({ code }) => code === "event_changed").map(blockOf));
  const drifting = new Set(drifts.map(({ key }) => Number(key.split(" ")[1])));
  const bucketOfBlock = (block: number): number => bucketOf(String(block), keptBuckets);
  const lacking = blocks
    .filter((block) => !broken.has(block) && !drifting.has(bucketOfBlock(block)))
    .map(
      (block): Sighting => ({
        code: "events_not_applied",
        entity: "event",
        key: `block ${block}`,
        evidence: { detail: "the log is whole here, and the manager has not applied the same events" },
        isCertain: true,
      }),
    );
  // No event of the log is there, so that what is kept there was never one.
  const filled = new Set(blocks.map(bucketOfBlock));
  const invented = looked
    .filter((bucket) => !filled.has(bucket) && !drifting.has(bucket))
    .map(
      (bucket): Sighting => ({
        code: "digest_drift",
        entity: "event",
        key: `manager ${bucket}`,
        evidence: { detail: "sums of events are kept where the log has none" },
        isCertain: true,
        // The manager has no events to count: only taking them in again makes its sums anew.
        remedy: "replay",
      }),
    );
  return [...chain.broken, ...drifts, ...lacking, ...invented];
};
