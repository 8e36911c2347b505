import { Fault, type RfidproImport } from "@tagwire/messages";
import type { TagPlan } from "../actors/plan-import.ts";
import { saveRefusals } from "../store/import-rows.ts";
import type { ImportedRun } from "../store/importable-run.ts";
import { giveUpImport, saveImport } from "../store/imports.ts";
import { holdImport } from "./hold-import.ts";
import type { Importing, OwnedImport } from "./importing.ts";
import { plannedClasses, plannedTags } from "./planned.ts";
import { addSent, nothingSent, type Sent, sendClasses, sendItems, sendScans } from "./send.ts";

/**
 * An import that was cut off so often is gone on with when somebody confirms it again: what ends it may be the import. With the pauses
 * between, operations may be away for a quarter of an hour.
 */
export const importContinuedMax = 20;

const rowsOf = ({ item, baseline, history, end }: TagPlan): number =>
  [item, baseline, end].filter((one) => one !== null).length + history.length;

const sendTags = async (
  sending: Parameters<typeof sendItems>[0],
  plans: readonly TagPlan[],
): Promise<Sent> => {
  const items = await sendItems(
    sending,
    plans.flatMap(({ item }) => item ?? []),
    true,
  );
  // What somebody else has made meanwhile is theirs, with all that became of it.
  const isTaken = ({ item }: TagPlan) => item !== null && items.taken.has(item.tag);
  const ours = plans.filter((plan) => !isTaken(plan));
  const left = plans.filter(isTaken).reduce((rows, plan) => rows + rowsOf(plan) - 1, 0);
  const baselines = await sendScans(
    sending,
    ours.flatMap(({ baseline }) => baseline ?? []),
  );
  // What has ended takes no scans any more but as sightings: its history comes first.
  const history = await sendScans(
    sending,
    ours.flatMap((plan) => plan.history),
  );
  const ends = await sendItems(
    sending,
    ours.flatMap(({ end }) => end ?? []),
    false,
  );
  return [items, baselines, history, ends, { ...nothingSent, refused: left }].reduce<Sent>(
    addSent,
    nothingSent,
  );
};

const wordsOf = ({ refused }: Sent, continued: number): string => {
  const said =
    refused === 0
      ? "Everything that was previewed is in the record."
      : `${refused} rows were refused by operations; the others are in the record.`;
  if (continued === 0) return said;
  return `${said} It was cut off ${continued === 1 ? "once" : `${continued} times`}, and went on by itself.`;
};

/**
 * Carries an import out from its beginning, page by page, and says after each how far it has come: what was sent before is known by its
 * ids. One that is stopped, or that the world fails, is given up, and is gone on with by whoever looks next. Never rejects.
 */
export const carryImport = async (
  importing: Importing & { readonly signal: AbortSignal },
  run: ImportedRun,
  { import: begun, owner }: OwnedImport,
): Promise<void> => {
  const { bus, sql, log, signal: stop, now = Date.now } = importing;
  const holding = holdImport({ sql, log }, { run: run.id, owner });
  let refusedRows: string[] = [];
  const sending = {
    ...{ bus, site: run.site, signal: AbortSignal.any([stop, holding.signal]) },
    refuse: (row: string) => void refusedRows.push(row),
  };
  const continued = begun.continued ?? 0;
  let told = begun;
  let sum = nothingSent;
  const tell = async (change: Partial<RfidproImport>) => {
    told = {
      ...{ ...told, recorded: sum.recorded, replayed: sum.replayed },
      ...{ refused: sum.refused, refusals: [...sum.refusals], ...change },
    };
    await saveRefusals(sql, run.id, refusedRows);
    refusedRows = [];
    await saveImport(sql, told, owner);
  };
  try {
    for await (const page of plannedClasses(sql, run)) {
      sum = addSent(sum, await sendClasses(sending, page));
      await tell({ sent: told.sent + page.length });
    }
    for await (const page of plannedTags(sql, run)) {
      sum = addSent(sum, await sendTags(sending, page));
      await tell({ step: "items", sent: page.reduce((sent, plan) => sent + rowsOf(plan), told.sent) });
    }
    const endedAt = new Date(now()).toISOString();
    await tell({ state: "done", endedAt, why: wordsOf(sum, continued) });
    log.info({ run: run.id, site: run.site, ...sum }, "imported the old system");
  } catch (err) {
    log.error({ err, run: run.id, site: run.site }, "an import was cut off");
    // Where another carries it out by now, nothing that is said here is kept.
    await endEarly(err).catch((error: unknown) =>
      log.error({ err: error, run: run.id }, "how an import ended could not be kept"),
    );
  } finally {
    await holding.stop();
  }

  async function endEarly(err: unknown): Promise<void> {
    const isFinal = err instanceof Fault && !err.retryable && err.code !== "lease.lost";
    if (!isFinal && continued < importContinuedMax) return giveUpImport(sql, run.id, owner);
    const code = err instanceof Fault ? err.code : "internal";
    const why = `It ended early (${code}). Confirm it again, and it goes on; nothing is done twice.`;
    await tell({ state: "failed", endedAt: new Date(now()).toISOString(), why });
  }
};
