import { keptBuckets } from "@tagwire/digest";
import { type AuditEntity, auditEntities, eventBlockPositions, type Finding } from "@tagwire/messages";
import type { Sighting } from "../actors/sighting.ts";
import type { SideName } from "./ask-sides.ts";
import { blocksIn, checkBlocks } from "./check-log.ts";
import { type Drill, drifted, drillDown } from "./drill.ts";
import { inPortions } from "./portions.ts";

/** So many rows are counted again in an audit at least; a site with fewer is proven whole every time. */
const rowsPerAudit = 50_000;
/** And so many by one question, so that a part of a large site that is due at once keeps nobody waiting for long. */
const rowsPerQuestionMax = 100_000;

/** How many buckets are counted again, of a site with so many rows of which this share is due. */
export const scrubbedBuckets = (rows: number, share: number): number =>
  Math.min(
    keptBuckets,
    Math.max(Math.ceil(keptBuckets * share), Math.floor((keptBuckets * rowsPerAudit) / Math.max(1, rows))),
  );

/** Buckets in groups that hold no more rows than one question may count. */
export const inQuestions = (buckets: readonly number[], rows: number): number[][] => {
  const size = Math.max(1, Math.floor((keptBuckets * rowsPerQuestionMax) / Math.max(1, rows)));
  return Array.from({ length: Math.ceil(buckets.length / size) }, (_, at) =>
    buckets.slice(at * size, (at + 1) * size),
  );
};

/** What a scrub goes by. */
export type ScrubTask = Drill & {
  readonly epoch: number;
  /** Every position up to here has to be there. */
  readonly head: number;
  /** The bucket with which it begins, and how many follow. */
  readonly from: number;
  readonly count: number;
  /** Findings that only looking again can tell the end of. */
  readonly known: readonly Pick<Finding, "code" | "entity" | "key">[];
  /** How many rows there are of an entity. */
  readonly rowsOf: (entity: AuditEntity) => number;
};

/** So many buckets from one on, the first after the last. */
export const bucketsFrom = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, at) => (from + at) % keptBuckets);

const sides = ["operations", "manager"] as const;

/** The buckets of which something else than their rows was kept before. */
const knownDrifts = ({ known }: ScrubTask, side: SideName, entity: AuditEntity): number[] =>
  known.flatMap((finding) => {
    const [name, bucket] = finding.key.split(" ");
    const isOurs = finding.code === "digest_drift" && finding.entity === entity && name === side;
    // One in which no row can be is seen where all are counted, and is no bucket that anybody is asked for.
    return isOurs && Number(bucket) < keptBuckets ? [Number(bucket)] : [];
  });

/** What is said of events by whoever reads their blocks. */
const ofBlocks: ReadonlySet<string> = new Set(["event_changed", "record_order"]);

/** The blocks in which an event was changed or out of order before, and the newest one. */
const knownBlocks = ({ known, epoch, head }: ScrubTask): number[] => {
  const positions = known.flatMap(({ code, key }) => {
    const [ofEpoch, pos] = key.split(":").map(Number);
    return ofBlocks.has(code) && ofEpoch === epoch && pos !== undefined ? [pos] : [];
  });
  return [head, ...positions]
    .filter((pos) => pos > 0 && pos <= head)
    .map((pos) => Math.floor((pos - 1) / eventBlockPositions));
};

/** The rows that differ where a bucket is not what was kept of it: whoever wrote there seldom wrote the same on both sides. */
const rowsBehind = async (
  task: ScrubTask,
  entity: AuditEntity,
  drifts: readonly Sighting[],
): Promise<Sighting[]> => {
  // The manager holds no events; the chain names those that were changed.
  if (drifts.length === 0 || entity === "event") return [];
  const buckets = drifts.map(({ key }) => Number(key.split(" ")[1]));
  return drillDown(task, { entity, buckets, rows: task.rowsOf(entity), kind: `${entity} counted` });
};

/**
 * Counts a part of all rows again, on both sides, and checks the chain of a part of the log: what was written behind the back of the
 * digests shows here. The parts follow each other from audit to audit, so that in a day everything was proven from the ground.
 */
export const scrub = async (task: ScrubTask): Promise<Sighting[]> => {
  const range = bucketsFrom(task.from, task.count);
  const sightings: Sighting[] = [];
  for (const entity of auditEntities) {
    const asked = sides.map((side) => {
      const buckets = [...new Set([...range, ...knownDrifts(task, side, entity)])];
      return { side, questions: inQuestions(buckets, task.rowsOf(entity)) };
    });
    const drifts: Sighting[] = [];
    let at = 0;
    const count = async () => {
      const counted = await Promise.all(
        asked.map(({ side, questions }) => {
          const buckets = questions[at];
          return buckets === undefined ? [] : drifted(task, { side, entity, buckets });
        }),
      );
      drifts.push(...counted.flat());
      at += 1;
      return { isDone: asked.every(({ questions }) => at >= questions.length) };
    };
    await inPortions(count, task.signal);
    sightings.push(...drifts, ...(await rowsBehind(task, entity, drifts)));
  }
  const { epoch, head } = task;
  const blocks = [...new Set([...blocksIn(range, head), ...knownBlocks(task)])];
  const chain = await checkBlocks(task.bus, { site: task.site, epoch, blocks, head });
  task.read(chain.checked);
  return [...sightings, ...chain.broken];
};
