import type { Bus } from "@tagwire/bus";
import { type Audit, newId } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { inTransaction, type Sql } from "@tagwire/store";
import { type Look, type Step, seenAgain } from "../actors/finding-life.ts";
import { lateAudit } from "../actors/late-audit.ts";
import { dueShare } from "../actors/proof-share.ts";
import { hasComeRound, roundsAfter } from "../actors/rounds.ts";
import { fingerprintOf, type Sighting } from "../actors/sighting.ts";
import { foldStorms } from "../actors/storm.ts";
import { unseen, wasHeardOf, wasLookedAt } from "../actors/succession.ts";
import { sayFindings } from "../live/findings.ts";
import { findProgress, findUnaudited, saveAudit } from "../store/audits.ts";
import { listReports } from "../store/device-reports.ts";
import { findKept, saveFindings } from "../store/findings.ts";
import { addLines, holdSite, type NewLine } from "../store/lines.ts";
import { findStormed, saveStormed } from "../store/stormed.ts";
import { type AuditOutcome, auditSite } from "./audit-site.ts";
import { checkOwnLog } from "./check-own-log.ts";

export type RunOptions = {
  readonly bus: Bus;
  readonly sql: Sql;
  readonly log: Logger;
  /** So many things of each kind are folded again in an audit, at least. */
  readonly livesPerAudit: number;
  /** How long a transaction in the database may be open. */
  readonly transactionMsMax: number;
  /** How long the manager has to come to a barrier. */
  readonly barrierWithinMs: number;
  /** How far apart the audits of a site are. */
  readonly everyMs: number;
};

const nobody = "tagwire";

/** Both sides agree about what a wrong clock has said, too, of what waits too long, of what people did, and of what was not audited or asked: that is found, and is no disagreement. */
const isAgreed: ReadonlySet<string> = new Set([
  "stuck_in_transit",
  "travel_impossible",
  "mass_change",
  "audit_late",
  "rule_late",
]);
const isDisagreement = ({ code, entity }: Sighting): boolean => entity !== "clock" && !isAgreed.has(code);

const verdictOf = ({ incomplete }: AuditOutcome, sightings: ReadonlyMap<string, Sighting>) => {
  if (incomplete !== undefined) return "incomplete";
  return [...sightings.values()].some(isDisagreement) ? "differ" : "agree";
};

const lineOf = ({ finding, told }: Step, at: string): NewLine[] =>
  told === undefined
    ? []
    : [{ what: told.what, at, by: nobody, finding: finding.id, why: told.why, data: { ...finding } }];

export type AuditAsked = {
  readonly site: string;
  readonly by: string;
  /** Whether the clock asked for it: then it does all that is due, and nobody waits. */
  readonly isDue: boolean;
  readonly signal: AbortSignal;
};

/** Audits a site, and keeps what it found and what became of earlier findings: one transaction, with their lines in the chain. */
export const runAudit = async (
  { bus, sql, log, everyMs, ...bounds }: RunOptions,
  { site, by, isDue, signal }: AuditAsked,
): Promise<Audit> => {
  const startedAt = new Date();
  const startedMs = performance.now();
  const unaudited = await findUnaudited(sql, site);
  const progress = await findProgress(sql, site);
  const known = [...(await findKept(sql, site, [])).values()].map(({ finding }) => finding);
  const standing = {
    known: new Map(known.map((finding) => [finding.fingerprint, finding])),
    ...(await findStormed(sql, site)),
  };
  const reports = await listReports(sql, site);
  const moment = { isDue, everyMs, nowMs: startedAt.getTime() };
  const outcome = await auditSite({
    ...{ ...bounds, bus, site, reports, progress, moment, known, standing, signal, log },
  });
  const share = dueShare(progress.rowsProvenUntilMs, moment);
  const own = await checkOwnLog(sql, site, {
    ...{ from: progress.linesUntil, findingsFrom: progress.findingsUntil, share },
    silencedBefore: known
      .filter(({ code, entity }) => code === "findings_changed" && entity === "finding")
      .map(({ key }) => key),
  });
  const late = lateAudit(unaudited && { ...unaudited, everyMs }, outcome.incomplete === undefined);
  const { findings, storms } = foldStorms(
    { ...outcome, sightings: [...outcome.sightings, ...own.found, ...late] },
    standing,
  );
  const rounds = roundsAfter(progress.rounds, {
    ...{ shares: outcome.shares, storms, isComplete: outcome.incomplete === undefined },
  });
  const sightings = new Map(findings.map((sighting) => [fingerprintOf(sighting), sighting]));
  const barrier =
    outcome.barrier === undefined ? null : { epoch: outcome.barrier.epoch, pos: outcome.barrier.pos };
  const audit: Audit = {
    id: newId(),
    site,
    by,
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(performance.now() - startedMs),
    verdict: verdictOf(outcome, sightings),
    why: outcome.incomplete ?? null,
    barrier,
    tiers: [...outcome.tiers],
    bucketsCompared: outcome.bucketsCompared,
    rowsRead: outcome.rowsRead,
    found: [...Map.groupBy(sightings.values(), ({ code }) => code)].map(([code, own]) => ({
      code,
      count: own.length,
    })),
    unproven: [...outcome.unproven],
  };
  const look: Look = { site, at: new Date().toISOString(), barrier, nextId: newId };
  const { steps, prev, pos } = await inTransaction(sql, async (transaction) => {
    const held = await holdSite(transaction, site);
    const kept = await findKept(transaction, site, [...sightings.keys()]);
    const seen = [...sightings].map(([fingerprint, sighting]) =>
      seenAgain(kept.get(fingerprint), sighting, look),
    );
    // An audit that did not come to its end says nothing of what it did not see, and none says anything of whom it has not heard of.
    const gone =
      outcome.incomplete === undefined
        ? [...kept]
            .filter(
              ([print, { finding }]) =>
                !sightings.has(print) &&
                wasLookedAt(finding, outcome.partly) &&
                wasHeardOf(finding, outcome.heard) &&
                hasComeRound(finding, outcome.shares, rounds) &&
                !outcome.late.has(`${finding.code} ${finding.entity}`),
            )
            .map(([, one]) => unseen(one, seen, look))
        : [];
    const all = [...seen, ...gone];
    await saveFindings(transaction, all);
    await saveStormed(transaction, site, storms);
    await saveAudit(transaction, audit, {
      ...outcome.progress,
      rounds,
      linesUntil: own.until,
      findingsUntil: own.findingsUntil,
    });
    const lines = all.flatMap((step) => lineOf(step, look.at));
    const last = await addLines(transaction, site, held, [
      ...lines,
      { what: "audited", at: look.at, by, why: audit.why, data: { ...audit } },
    ]);
    return { steps: all, prev: held.seq, pos: last };
  });
  sayFindings(bus, { site, prev, pos, findings: steps.map(({ finding }) => finding) });
  for (const { finding, told } of steps)
    if (told !== undefined)
      log.warn({ site, code: finding.code, key: finding.key, state: finding.state }, `finding ${told.what}`);
  log.info({ site, verdict: audit.verdict, durationMs: audit.durationMs, why: audit.why }, "audit done");
  return audit;
};
