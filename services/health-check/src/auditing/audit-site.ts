import type { Bus } from "@tagwire/bus";
import { keptBuckets, parseDigest } from "@tagwire/digest";
import {
  AskRelations,
  AskTimes,
  type AuditEntity,
  type AuditTier,
  auditEntities,
  type Barrier,
  type BoardEntity,
  Fault,
  type FindingCode,
  type KeptReport,
  type RefoldedEntity,
  refoldedEntities,
  type TierResult,
  type Unproven,
} from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { lateRules } from "../actors/late-rules.ts";
import type { AuditProgress } from "../actors/progress.ts";
import {
  type AuditMoment,
  dueShare,
  intervalShare,
  provenUntil,
  shareBehind,
} from "../actors/proof-share.ts";
import { ofSite, type Sighting } from "../actors/sighting.ts";
import type { Standing } from "../actors/storm.ts";
import type { Heard } from "../actors/succession.ts";
import { openTurns } from "../actors/turns.ts";
import { askRules } from "./ask-rules.ts";
import { barrierDigests, differingBuckets, placeBarrier } from "./ask-sides.ts";
import { withWhatIsBehind } from "./behind.ts";
import { drillDown, drilledMax, ManagerLate } from "./drill.ts";
import { drillEvents } from "./drill-events.ts";
import { lookAtHeads, whyNoBarrier } from "./look-at-heads.ts";
import { refoldBoards } from "./refold-boards.ts";
import { refoldLives } from "./refold-lives.ts";
import { bucketsRuled, codesInParts, rulePartsOf } from "./rule-parts.ts";
import { type ScrubTask, scrub, scrubbedBuckets } from "./scrub.ts";
import { openUnproven } from "./unproven.ts";

/** Where more of the buckets differ it is one trouble, whatever the rows say. */
const systemicShare = 0.05;

/** What an audit found. */
export type AuditOutcome = {
  readonly barrier: Barrier | undefined;
  readonly tiers: readonly TierResult[];
  readonly sightings: readonly Sighting[];
  readonly bucketsCompared: number;
  readonly rowsRead: number;
  /** Why it did not come to its end; then nothing is proven by what it did not find. */
  readonly incomplete: string | undefined;
  /** How many more there are of a code than were seen. */
  readonly untold: ReadonlyMap<FindingCode, number>;
  /** Entities of which more buckets differ than were looked into: what was not seen there may be there. */
  readonly partly: ReadonlySet<string>;
  /** Of whom it has heard: findings about anybody else stay as they are. */
  readonly heard: Heard;
  /** Rules that were not answered in time, as `code entity`: what breaks them was not looked for. */
  readonly late: ReadonlySet<string>;
  /** What was not looked into, so that nothing is proven of it. */
  readonly unproven: readonly Unproven[];
  /** Of codes that are looked for by turns, the share of everything that was looked at. */
  readonly shares: ReadonlyMap<FindingCode, number>;
  readonly progress: Omit<AuditProgress, "linesUntil" | "findingsUntil" | "rounds">;
};

type Task = {
  readonly bus: Bus;
  readonly site: string;
  readonly progress: AuditProgress;
  /** How long a transaction in the database may be open. */
  readonly transactionMsMax: number;
  /** The manager comes to a barrier within a second; a new one has taken over by then, too. */
  readonly barrierWithinMs: number;
  /** So many lives of each kind are folded again, at least. */
  readonly livesPerAudit: number;
  readonly moment: AuditMoment;
  readonly known: ScrubTask["known"];
  /** What the devices of the site last said of themselves. */
  readonly reports: readonly KeptReport[];
  readonly standing: Standing;
  readonly signal: AbortSignal;
  readonly log: Logger;
};

const emptyDigestText = "0:0:0:0:0";

const rowsOf = ({ digests }: Barrier, entity: AuditEntity): number =>
  parseDigest(digests[entity] ?? emptyDigestText).count;

/** Sums that differ, and that no rows stand behind. */
const ofBuckets = (entity: AuditEntity, key: string, detail: string): Sighting => ({
  ...{ code: "bucket_diff", entity, key, evidence: { detail }, isCertain: false },
});

/**
 * Audits a site: both sides at one barrier, the rows behind what differs, a part of all rows and of the chain from the ground, and what
 * belongs together in the record. Reads only.
 */
export const auditSite = async (task: Task): Promise<AuditOutcome> => {
  const { bus, site, known, standing, signal, log, moment } = task;
  const appliedWithinMs = task.barrierWithinMs;
  const tiers: TierResult[] = [];
  const sightings: Sighting[] = [];
  const turns = openTurns(task.progress.drilledFrom);
  const untold = new Map<FindingCode, number>();
  let [bucketsCompared, rowsRead] = [0, 0];
  let barrier: Barrier | undefined;
  let { scrubFrom, refoldedUntil, rowsProvenUntilMs, rulesProvenUntilMs, livesProvenUntilMs } = task.progress;
  let rulesFrom = task.progress.drilledFrom.rules ?? 0;
  const unproven = openUnproven();
  const late = new Set<string>();
  const shares = new Map<FindingCode, number>();
  const sharedBy = (codes: Iterable<FindingCode>, share: number) => {
    for (const code of codes) shares.set(code, share);
  };
  const read = (rows: number) => {
    rowsRead += rows;
  };

  /** Runs a tier and notes how long it took and what it found. */
  const tier = async (
    name: AuditTier,
    look: () => Promise<{ checked: number; found: readonly Sighting[] }>,
  ) => {
    signal.throwIfAborted();
    const startedAt = performance.now();
    const { checked, found } = await look();
    tiers.push({ tier: name, durationMs: performance.now() - startedAt, checked, found: found.length });
    sightings.push(...found);
  };

  let heard: Heard = { isOfReaders: false, devices: new Set() };
  const end = (incomplete?: string): AuditOutcome => {
    const left = turns.left();
    for (const [entity, count] of left) unproven.count(`${entity} bucket`, "behind", count);
    return {
      ...{ barrier, tiers, sightings, untold, bucketsCompared, rowsRead, incomplete },
      ...{ partly: new Set(left.keys()), late, heard, shares },
      unproven: unproven.all(),
      progress: {
        ...{ scrubFrom, refoldedUntil, rowsProvenUntilMs, rulesProvenUntilMs, livesProvenUntilMs },
        drilledFrom: { ...turns.from(), rules: rulesFrom },
      },
    };
  };

  try {
    const placed = await placeBarrier(bus, site, signal).catch(async (error: unknown) => {
      sightings.push(...(await whyNoBarrier(bus, { site, error, transactionMsMax: task.transactionMsMax })));
      throw error;
    });
    barrier = placed;
    const at = { site, barrier: placed.barrier };
    let picture: Awaited<ReturnType<typeof barrierDigests>>;
    await tier("T0", async () => {
      picture = await barrierDigests(bus, "manager", { ...at, withinMs: task.barrierWithinMs }, signal);
      const {
        hiddenSessions,
        heard: all,
        ...looked
      } = await lookAtHeads(bus, {
        ...{ site, isManagerThere: picture !== undefined, transactionMsMax: task.transactionMsMax },
        reports: task.reports,
      });
      heard = all;
      unproven.count("transaction", "hidden", hiddenSessions);
      if (!heard.isOfReaders) unproven.count("readers", "unanswered", 1);
      return looked;
    });
    if (picture === undefined) return end("the manager did not come to the barrier in time");
    if (picture.forms !== placed.forms) {
      sightings.push(ofSite("forms_differ", "forms", `${placed.forms} and ${picture.forms}`, false));
      return end("both sides are of different releases");
    }
    const { digests } = picture;
    const differing = auditEntities.filter(
      (entity) => (placed.digests[entity] ?? emptyDigestText) !== (digests[entity] ?? emptyDigestText),
    );
    const found = new Map<AuditEntity, readonly number[]>();
    await tier("T1", async () => {
      // Of each entity the sum of all its buckets, and each bucket where that differs.
      bucketsCompared = auditEntities.length;
      const [systemic, odd]: [Sighting[], Sighting[]] = [[], []];
      for (const entity of differing) {
        const { buckets, filled } = await differingBuckets(bus, { ...at, entity });
        const possible = buckets.filter((bucket) => bucket >= 0 && bucket < keptBuckets);
        if (possible.length > 0) found.set(entity, possible);
        // No row is in any of these, and nobody can be asked for them.
        odd.push(
          ...buckets
            .filter((bucket) => !possible.includes(bucket))
            .map((bucket) =>
              ofBuckets(entity, String(bucket), "a side keeps sums of a bucket that no row is in"),
            ),
        );
        bucketsCompared += filled;
        if (buckets.length === 0)
          odd.push(
            ofBuckets(entity, "all", "the sums of all rows differed at the barrier, and those of no bucket"),
          );
        if (buckets.length > Math.max(drilledMax, filled * systemicShare))
          systemic.push({
            ...ofSite("systemic", entity, `${buckets.length} of ${filled} buckets differ`),
            entity,
          });
      }
      return { checked: bucketsCompared, found: [...systemic, ...odd] };
    });
    await tier("T2", async () => {
      const rows: Sighting[] = [];
      const before = rowsRead;
      for (const [entity, buckets] of found)
        rows.push(
          ...(entity === "event"
            ? await drillEvents({ bus, site, read, turns }, placed, buckets)
            : await drillDown(
                { bus, site, standing, signal, read, turns, appliedWithinMs },
                { entity, buckets, rows: rowsOf(placed, entity) },
              )),
        );
      return { checked: rowsRead - before, found: rows };
    });
    await tier("T3", async () => {
      const before = rowsRead;
      const rows = auditEntities.reduce((sum, entity) => sum + rowsOf(placed, entity), 0);
      const count = scrubbedBuckets(rows, dueShare(rowsProvenUntilMs, moment));
      const { epoch, pos } = placed;
      const task = {
        ...{
          bus,
          site,
          epoch,
          head: pos,
          from: scrubFrom,
          count,
          known,
          standing,
          read,
          signal,
          turns,
          appliedWithinMs,
        },
        rowsOf: (entity: AuditEntity) => rowsOf(placed, entity),
      };
      const drifts = await scrub(task);
      scrubFrom = (scrubFrom + count) % keptBuckets;
      sharedBy(["digest_drift", "event_changed", "record_order"], count / keptBuckets);
      rowsProvenUntilMs = provenUntil(rowsProvenUntilMs, count / keptBuckets, moment);
      unproven.count("rows", "behind", Math.ceil(rows * shareBehind(rowsProvenUntilMs, moment)));
      return { checked: rowsRead - before, found: drifts };
    });
    const countUntold = (more: ReadonlyMap<FindingCode, number>) => {
      for (const [code, count] of more) untold.set(code, (untold.get(code) ?? 0) + count);
    };
    const ruled = async (
      asked: typeof AskRelations | typeof AskTimes,
      parts: readonly (readonly number[])[] = [],
    ) => {
      const broken = await askRules(bus, asked, { site, parts, signal });
      countUntold(broken.untold);
      for (const rule of broken.late) late.add(rule);
      unproven.add("rule", "late", [...late]);
      const found = await withWhatIsBehind({ bus, site, standing }, broken.found);
      return { ...broken, checked: broken.rules, found: [...found, ...lateRules(broken.late)] };
    };
    await tier("T4", async () => {
      // By their own turns: an audit that ends between may have proven rows, and no rule.
      const asked = rulePartsOf({
        ...{ from: rulesFrom, known, rowsOf: (entity: AuditEntity) => rowsOf(placed, entity) },
        ...{ share: dueShare(rulesProvenUntilMs, moment), shareWhileLate: intervalShare(moment) },
      });
      const relations = await ruled(AskRelations, asked.parts);
      const due = { share: dueShare(livesProvenUntilMs, moment), everyMs: moment.everyMs };
      const folding = {
        ...{ bus, site, known, standing, read, signal, due },
        ...{ livesPerAudit: task.livesPerAudit, until: refoldedUntil },
        countOf: (entity: RefoldedEntity | BoardEntity) => rowsOf(placed, entity),
      };
      const isLogChanged = sightings.some(({ code }) => code === "event_changed");
      const parts = [await refoldLives(folding), await refoldBoards({ ...folding, isLogChanged })];
      const found = [...relations.found];
      // Where both sides differ, or the record and its events, that has been seen with the rows of both.
      const seen = new Set(sightings.map(({ entity, key }) => JSON.stringify([entity, key])));
      for (const part of parts) {
        const news = part.found.filter(({ entity, key }) => !seen.has(JSON.stringify([entity, key])));
        found.push(...news);
        for (const { entity, key } of news) seen.add(JSON.stringify([entity, key]));
        countUntold(part.untold);
        refoldedUntil = { ...refoldedUntil, ...part.until };
        for (const one of part.unproven) unproven.put(one);
      }
      // Only now: what they found is lost where folding does not come to its end.
      const buckets = bucketsRuled(asked, relations.lateFrom);
      rulesFrom = (rulesFrom + buckets) % keptBuckets;
      sharedBy(codesInParts, buckets / keptBuckets);
      rulesProvenUntilMs = provenUntil(rulesProvenUntilMs, buckets / keptBuckets, moment);
      unproven.count("rules", "behind", Math.ceil(asked.rows * shareBehind(rulesProvenUntilMs, moment)));
      const things = [...refoldedEntities, "waiting" as const].reduce(
        (sum, one) => sum + rowsOf(placed, one),
        0,
      );
      if (task.livesPerAudit === 0) unproven.count("lives", "switched_off", things);
      else {
        const share = Math.min(...parts.map((part) => part.share));
        sharedBy(["state_unexplained", "field_diff"], Math.min(1, share));
        livesProvenUntilMs = provenUntil(livesProvenUntilMs, share, moment);
        unproven.count("lives", "behind", Math.ceil(things * shareBehind(livesProvenUntilMs, moment)));
      }
      return { checked: parts.reduce((sum, { checked }) => sum + checked, relations.checked), found };
    });
    await tier("T5", () => ruled(AskTimes));
    return end();
  } catch (error) {
    // Whoever ends has found nothing, not even that an audit did not come to its end.
    if (signal.aborted) throw new Fault("unavailable", "the health check is ending", { cause: error });
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof ManagerLate) {
      sightings.push(ofSite("projection_lag", "manager", "it did not come to a position in time", false));
      return end(why);
    }
    log.warn({ err: error, site }, "audit did not come to its end");
    sightings.push(ofSite("audit_incomplete", "audit", why, false));
    return end(why);
  }
};
