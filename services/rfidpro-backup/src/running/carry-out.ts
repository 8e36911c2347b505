import { Fault, type RfidproDataset, type RfidproRun } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import { inTransaction } from "@tagwire/store";
import type { PullOutcome } from "../actors/rows.ts";
import type { Manifest } from "../archive/manifest.ts";
import { type AfterPull, compareAfterPull } from "../comparing/compare-after-pull.ts";
import type { Rfidpro } from "../drivers/rfidpro.ts";
import { findManifest } from "../store/manifests.ts";
import {
  findDatasets,
  findOutcomes,
  findReadUntil,
  saveOutcome,
  saveStart,
} from "../store/pulled-datasets.ts";
import { forgetPages } from "../store/pulled-pages.ts";
import { giveUpRun, holdOwned } from "../store/runs.ts";
import { type Archive, archiveRun } from "./archive-run.ts";
import { ended } from "./begin-run.ts";
import { type Keeping, keepRun } from "./keep-run.ts";
import { type Cancelled, openProgress, type Progress, progressOf } from "./progress.ts";
import { openStaging } from "./stage.ts";
import { goOnFrom } from "./take-up.ts";
import {
  cancelledEnd,
  endOf,
  endOfManifest,
  goneOn,
  type RunEnd,
  stoppedEnd,
  unkeptEnd,
  unsealed,
} from "./verdict.ts";

/** With what runs are carried out. */
export type RunContext = Keeping & {
  readonly log: Logger;
  readonly rfidpro: Rfidpro;
  readonly archive: Archive;
  readonly owner: string;
  /** Whether a run is given to another process when this one is stopped; otherwise it ends with what was read. */
  readonly handsOver: boolean;
  /** So long after a comparison what was pending is looked at again by itself, in ms; undefined where it never is. */
  readonly recheckAfterMs: number | undefined;
  readonly source: {
    readonly origin: string;
    readonly timeZone: string;
    readonly ids: Record<string, string>;
  };
};

/** Since when RFIDpro's new scans are wanted; null for all of them. */
const sinceOf = async (
  { sql, source }: RunContext,
  { site, incremental }: RfidproRun,
  dataset: RfidproDataset,
): Promise<Date | null> => {
  if (incremental !== true) return null;
  return (await findReadUntil(sql, { site, dataset, source: nameOf(source, dataset) })) ?? null;
};

const nameOf = ({ origin, ids }: RunContext["source"], dataset: RfidproDataset): string =>
  `${origin} ${ids[dataset] ?? ""}`;

/** Reads what is not read yet: all of it, or what another process has left. */
const pullAll = async (
  context: RunContext,
  run: RfidproRun,
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<PullOutcome[]> => {
  const { sql, rfidpro, source, owner } = context;
  const known = await findDatasets(sql, run.id);
  const outcomes: PullOutcome[] = [];
  for (const { dataset } of run.datasets) {
    const before = known.get(dataset);
    if (before?.outcome != null) {
      // Whoever read it may have died before it could say so.
      progress.tell(progressOf(before.outcome));
      outcomes.push(before.outcome);
      continue;
    }
    if (signal.aborted) break;
    const of = { run: run.id, dataset, source: nameOf(source, dataset) };
    const going = await goOnFrom(context, run, dataset, before);
    const staging = openStaging(
      { ...of, sql, owner, site: run.site, timeZone: source.timeZone },
      going?.staged,
    );
    const outcome = await rfidpro.pull({
      ...{ dataset, signal, page: staging.page, progress: progress.tell },
      ...(going === undefined
        ? { since: await sinceOf(context, run, dataset), begun: (start) => saveStart(sql, of, start) }
        : { since: null, resume: going.resume }),
    });
    // What was cut off is no outcome: whoever goes on reads the rest.
    if (!signal.aborted)
      await inTransaction(sql, async (transaction) => {
        await holdOwned(transaction, run.id, owner);
        await saveOutcome(transaction, of, outcome);
      });
    outcomes.push(outcome);
  }
  return outcomes;
};

const endFor = (outcomes: readonly PullOutcome[], cancelled: Cancelled | undefined): RunEnd => {
  if (cancelled === undefined) return endOf(outcomes);
  return cancelled.is === "person" ? cancelledEnd(cancelled.by) : stoppedEnd;
};

const reasonOf = (error: unknown): string =>
  error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : "unknown";

/** How a run was kept by whoever carried it out before, where it came as far as its manifest. */
const endBefore = async ({ sql }: RunContext, { id }: RfidproRun): Promise<RunEnd | undefined> => {
  const kept = await findManifest(sql, id);
  return kept === undefined ? undefined : endOfManifest(JSON.parse(kept.body) as Manifest);
};

/** What a run came to; undefined where it is given to whoever goes on with it. */
type Carried = { readonly end: RunEnd; readonly compared: AfterPull | undefined } | undefined;

const carry = async (context: RunContext, run: RfidproRun, progress: Progress): Promise<Carried> => {
  const { archive, owner, source, handsOver } = context;
  const isHandedOver = () => handsOver && progress.cancelled()?.is === "stopping";
  const { signal } = progress;
  let end = await endBefore(context, run);
  const outcomes =
    end === undefined
      ? await pullAll(context, run, { progress, signal })
      : await findOutcomes(context.sql, run.id);
  for (const outcome of end === undefined ? [] : outcomes) progress.tell(progressOf(outcome));
  await progress.save();
  if (progress.cancelled()?.is === "lost" || (end === undefined && isHandedOver())) return undefined;
  if (end === undefined) {
    end = goneOn(endFor(outcomes, progress.cancelled()), run.continued ?? 0);
    const isSealed = await archiveRun(context, { archive, owner, run, outcomes, end, source });
    if (!isSealed) end = unsealed(end);
  }
  if (!run.compare || end.state === "cancelled") return { end, compared: undefined };
  if (isHandedOver()) return undefined;
  const isAsked = progress.cancelled() === undefined;
  const compared = isAsked
    ? await compareAfterPull({ ...context, signal }, run, { outcomes, verdict: end.verdict })
    : undefined;
  return isHandedOver() ? undefined : { end, compared };
};

/** Gives a run to whoever looks next, and says so. */
const handOver = (context: RunContext, run: RfidproRun): Promise<RfidproRun> =>
  keepRun(context, run, async ({ run: now, owner }, transaction) => {
    if (owner !== context.owner || now.state !== "running") return undefined;
    await giveUpRun(transaction, run.id);
    return { ...now, why: "The service is being started again, and goes on with it where it stands." };
  });

/**
 * Carries a run out, or goes on with one that another process has left: reads each data set, stages and archives it, and ends the run with
 * words. It always ends it, unless the run is another's by then, who has ended it already, or is given to whoever goes on with it.
 */
export const carryOut = async (
  context: RunContext,
  run: RfidproRun,
  stop: AbortSignal,
): Promise<RfidproRun> => {
  const { owner, log, sql } = context;
  const { site, id } = run;
  const progress = openProgress(context, run, stop);
  let carried: Carried;
  try {
    carried = await carry(context, run, progress);
  } catch (error) {
    // A page that comes before the next look at the lease is the first to be told that the run is another's.
    const isLost = error instanceof Fault && error.code === "lease.lost";
    if (!isLost) log.error({ err: error, run: id, site }, "what was read of RFIDpro could not be kept");
    carried = isLost ? undefined : { end: unkeptEnd(reasonOf(error)), compared: undefined };
  } finally {
    await progress.stop();
  }
  if (carried === undefined) {
    log.info({ site, run: id }, "pull of RFIDpro left to whoever goes on with it");
    return handOver(context, run);
  }
  const { end, compared } = carried;
  const last = await keepRun(context, { site, id }, (kept) =>
    kept.owner === owner && kept.run.state === "running"
      ? ended(
          {
            ...kept.run,
            datasets: [...progress.datasets()],
            differences: compared?.differences ?? null,
            agreement: compared?.agreement ?? null,
            ...(compared?.notCompared === undefined ? {} : { notCompared: compared.notCompared }),
          },
          compared === undefined ? end : { ...end, why: `${end.why} ${compared.why}` },
        )
      : undefined,
  );
  if (last.state !== "running") await forgetPages(sql, id);
  log.info({ site, run: id, verdict: last.verdict, why: last.why }, "pull of RFIDpro ended");
  return last;
};
