import { isDeepStrictEqual } from "node:util";
import type { Bus } from "@tagwire/bus";
import { bucketOf, keptBuckets } from "@tagwire/digest";
import { AskRefold, type AuditEntity, type RefoldedEntity, refoldedEntities } from "@tagwire/messages";
import { compareRows } from "../actors/compare-rows.ts";
import { remedyOf } from "../actors/edit.ts";
import { fingerprintOf, type Sighting, signatureOf } from "../actors/sighting.ts";
import { examplesMax, isNews, type KnownFinding, type Standing } from "../actors/storm.ts";
import type { Turns } from "../actors/turns.ts";
import { askAgain } from "./ask-again.ts";
import { readRows, recountBuckets, type SideName, untilApplied } from "./ask-sides.ts";
import { behind } from "./behind.ts";

/**
 * Of an entity so many buckets are looked at in one audit, and the others at the next ones. With one row in each they are no storm, so
 * that every one of them is named.
 */
export const drilledMax = examplesMax;
/** And no more of them than hold so many rows on a side: they are in memory three times while they are compared. */
const drilledRowsMax = 20_000;
/** A row that goes on changing is looked at again so often; then the next audit has its turn. */
const looksMax = 4;
/** Of a thing with very many fields so many that differ are named. */
const fieldsMax = 60;
/** Things that differ, and whose events are folded again in one audit. */
const refoldedMax = 50;

/** What whoever looks into buckets goes by. */
export type Drill = {
  readonly bus: Bus;
  readonly site: string;
  readonly standing: Standing;
  readonly signal: AbortSignal;
  /** How long the manager has to apply what the rows of the record say. */
  readonly appliedWithinMs: number;
  /** Called with how many rows were read. */
  readonly read: (rows: number) => void;
  readonly turns: Turns;
};

/** The manager did not apply in time what it had to be asked about, so that an audit cannot tell who is right. */
export class ManagerLate extends Error {}

/**
 * Both sides' rows of some buckets, the record's twice with the picture between.
 *
 * @throws ManagerLate when the picture is behind for too long
 */
const readSandwich = async (
  { bus, site, signal, read, appliedWithinMs }: Drill,
  entity: AuditEntity,
  buckets: readonly number[],
) => {
  const asked = { site, entity, buckets };
  const before = await readRows(bus, "operations", asked);
  if (!(await untilApplied(bus, site, before, { withinMs: appliedWithinMs, signal })))
    throw new ManagerLate(`the manager did not come to position ${before.pos} in time`);
  const picture = await readRows(bus, "manager", asked);
  const after = await readRows(bus, "operations", asked);
  read(before.rows.size + picture.rows.size + after.rows.size);
  return { before: before.rows, picture: picture.rows, after: after.rows };
};

/** What is said of a row in one look, to be found again in the next. */
const nameOf = (sighting: Sighting): string => `${sighting.code} ${sighting.key} ${signatureOf(sighting)}`;

/**
 * The rows of some buckets that differ. Each is seen twice, on rows that stood still while they were read: what is under way has moved
 * on by then, whichever way it came.
 */
const differingRows = async (
  drill: Drill,
  entity: AuditEntity,
  buckets: readonly number[],
): Promise<readonly Sighting[]> => {
  let seenBefore: ReadonlySet<string> = new Set();
  const certain = new Map<string, Sighting>();
  for (let look = 1; look <= looksMax; look += 1) {
    const sandwich = await readSandwich(drill, entity, buckets);
    const { differ, moved } = compareRows(entity, sandwich);
    for (const one of differ) if (seenBefore.has(nameOf(one))) certain.set(nameOf(one), one);
    if (look > 1 && moved.length === 0 && differ.every((one) => certain.has(nameOf(one)))) break;
    seenBefore = new Set(differ.map(nameOf));
  }
  return [...certain.values()];
};

const isRefolded = (entity: AuditEntity): entity is RefoldedEntity =>
  (refoldedEntities as readonly string[]).includes(entity);

/** Says of a thing that differs which of the two is right, by folding its events again. */
const judged = async (
  { bus, site }: Drill,
  entity: RefoldedEntity,
  sighting: Sighting,
): Promise<Sighting> => {
  const refold = await askAgain(bus, AskRefold, { site, entity, key: sighting.key });
  const evidence = { ...sighting.evidence, folded: refold.folded, ...(await behind(bus, site, refold)) };
  if (refold.isTooLong) {
    const detail = "its life is too long to be folded again, so that which side is right is not known";
    return { ...sighting, evidence: { ...evidence, detail }, remedy: "none" };
  }
  if (refold.isSame) return { ...sighting, evidence };
  // Where the record stands on contracts is in no row of its own: only its events tell what differs there.
  const told = refold.row === null || refold.folded === null ? [] : refold.fields;
  const fields = [...new Set([...(sighting.evidence.fields ?? []), ...told])].slice(0, fieldsMax);
  return {
    ...sighting,
    ...{ code: "state_unexplained", evidence: { ...evidence, fields }, remedy: remedyOf(entity, refold) },
  };
};

/** How far what was kept is off, which stays the same while others write to the bucket. */
const offBy = (kept: string, counted: string): string => {
  const rowsOf = counted.split(":");
  const [rows = "0", ...sums] = kept
    .split(":")
    .map((sum, at) => String(BigInt(sum) - BigInt(rowsOf[at] ?? 0)));
  return `kept are ${rows} rows more than there are, and their sums are off by ${sums.join(", ")}`;
};

/** Whether what a side has kept of buckets is what their rows come to; told only when it is not at two looks. */
export const drifted = async (
  { bus, site, read }: Pick<Drill, "bus" | "site" | "read">,
  { side, entity, buckets }: { side: SideName; entity: AuditEntity; buckets: readonly number[] },
): Promise<Sighting[]> => {
  const { differ, rows } = await recountBuckets(bus, side, { site, entity, buckets });
  read(rows);
  return differ.map(({ bucket, kept, counted }) => ({
    code: "digest_drift",
    entity,
    key: `${side} ${bucket}`,
    evidence: { detail: offBy(kept, counted), sums: { kept, counted } },
    isCertain: true,
  }));
};

/** How many buckets are looked at of an entity with so many rows. */
export const drilledBuckets = (rows: number): number =>
  Math.max(1, Math.min(drilledMax, Math.floor((drilledRowsMax * keptBuckets) / Math.max(1, rows))));

/**
 * How soon it is asked which side of a row is right: what nobody has heard of first, then what was not asked of yet; last what is known,
 * since that stays as it is until its turn.
 */
const turnOf = (standing: Standing, one: Sighting): 0 | 1 | 2 => {
  if (wasJudged(standing, one) !== undefined) return 2;
  return isNews(standing, one) ? 0 : 1;
};

/** The finding that says which side of a row is right; under whatever code, and only where exactly the same fields differ still. */
const wasJudged = ({ known }: Standing, one: Sighting): KnownFinding | undefined => {
  const codes = ["state_unexplained", one.code] as const;
  const finding = codes
    .map((code) => known.get(fingerprintOf({ ...one, code })))
    .find((kept) => kept !== undefined);
  const isSame = (one.evidence.fields ?? []).every((name) =>
    (["operations", "manager"] as const).every((side) =>
      isDeepStrictEqual(one.evidence[side]?.[name], finding?.evidence?.[side]?.[name]),
    ),
  );
  const isSaid = finding?.code === "state_unexplained" || (finding?.remedy ?? "none") !== "none";
  return isSame && isSaid ? finding : undefined;
};

/** Which of the two is right where rows differ, of as many as an audit may fold again; news before all. */
const judgedRows = async (
  drill: Drill,
  entity: AuditEntity,
  rows: readonly Sighting[],
): Promise<Sighting[]> => {
  if (!isRefolded(entity)) return [...rows];
  const found = rows.toSorted((left, right) => turnOf(drill.standing, left) - turnOf(drill.standing, right));
  const first = await Promise.all(found.slice(0, refoldedMax).map((one) => judged(drill, entity, one)));
  const others = found.slice(refoldedMax).map((one): Sighting => {
    const { code, evidence, remedy } = wasJudged(drill.standing, one) ?? {};
    // Which side of those that had no turn yet is right nobody knows, so that nothing is said to heal them.
    return code && evidence && remedy ? { ...one, code, evidence, remedy } : { ...one, remedy: "none" };
  });
  return [...first, ...others];
};

/**
 * Finds the rows behind buckets that differed at the barrier, and says which side is right; and the buckets of which something else is
 * kept than their rows come to. Those beyond the bound have their turn at the next audits.
 *
 * @param kind what has turns of its own
 * @throws ManagerLate when the manager is behind for too long
 */
export const drillDown = async (
  drill: Drill,
  {
    entity,
    buckets,
    rows,
    kind = entity,
  }: { entity: AuditEntity; buckets: readonly number[]; rows: number; kind?: string },
): Promise<Sighting[]> => {
  const looked = drill.turns.take({ kind, entity }, buckets, drilledBuckets(rows));
  if (looked.length === 0) return [];
  const differing = await differingRows(drill, entity, looked);
  const counted = await Promise.all(
    (["operations", "manager"] as const).map((side) => drifted(drill, { side, entity, buckets: looked })),
  );
  const drifts = counted.flat();
  const explained = new Set([
    ...differing.map(({ key }) => bucketOf(key, keptBuckets)),
    ...drifts.map(({ key }) => Number(key.split(" ")[1])),
  ]);
  // Rows are the same, and so is what is kept of them: somebody has put right what was wrong.
  const passed = looked
    .filter((bucket) => !explained.has(bucket))
    .map(
      (bucket): Sighting => ({
        code: "bucket_diff",
        entity,
        key: String(bucket),
        evidence: { detail: "the sums differed at the barrier; the rows are the same now" },
        isCertain: false,
      }),
    );
  return [...(await judgedRows(drill, entity, differing)), ...drifts, ...passed];
};
