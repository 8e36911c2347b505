import { Fault, type RfidproDataset, type RfidproRun } from "@tagwire/messages";
import type { RawRow } from "../actors/rows.ts";
import { parseAnswer } from "../drivers/envelope.ts";
import type { Resume } from "../drivers/pull.ts";
import type { PulledDataset } from "../store/pulled-datasets.ts";
import { findStanding, readPages } from "../store/pulled-pages.ts";
import { claimRun } from "../store/runs.ts";
import { countRows } from "../store/staged-rows.ts";
import { type Keeping, keepRun } from "./keep-run.ts";
import type { StagedSoFar } from "./stage.ts";

/** A run that was cut off so often is not gone on with: what ends its processes may be the run. */
export const continuedMax = 5;

const goesOn = "The process that read is gone, and another goes on where it stood.";

/** Makes a run whose process is gone this owner's; undefined where somebody else was first. */
export const takeUp = async (
  keeping: Keeping & { readonly owner: string },
  lost: { readonly id: string; readonly site: string },
): Promise<RfidproRun | undefined> => {
  let isTaken = false;
  const run = await keepRun(keeping, lost, async ({ run: now, isLost }, transaction) => {
    if (!isLost || (now.continued ?? 0) >= continuedMax) return undefined;
    await claimRun(transaction, lost.id, keeping.owner);
    isTaken = true;
    return { ...now, why: goesOn, continued: (now.continued ?? 0) + 1 };
  });
  return isTaken ? run : undefined;
};

const rowsOf = (body: string): readonly RawRow[] => {
  const { data } = parseAnswer(body) as { data?: readonly RawRow[] };
  if (data === undefined) throw new Fault("internal", "an answer that was kept is none");
  return data;
};

/** From where a data set goes on: what RFIDpro is asked next, and what is staged of it already. */
export type GoingOn = { readonly resume: Resume; readonly staged: StagedSoFar };

/**
 * From where a data set of a run goes on that another process has begun; undefined where nothing of it came yet. Where not all rows of its
 * newest pass are staged, since the process died while it forgot those of the pass before, another pass begins.
 */
export const goOnFrom = async (
  { sql }: Keeping,
  { datasets, id }: RfidproRun,
  dataset: RfidproDataset,
  known: PulledDataset | undefined,
): Promise<GoingOn | undefined> => {
  const of = { run: id, dataset };
  const standing = await findStanding(sql, of);
  if (standing === undefined || known?.start == null) return undefined;
  const { pages, pass, total, rows } = standing;
  const asked = {
    ...known.start,
    pages,
    requests: datasets.find((one) => one.dataset === dataset)?.requests ?? pages,
  };
  if ((await countRows(sql, of)) !== rows)
    return { resume: { ...asked, pass: pass + 1, answers: [] }, staged: { pass, rows: 0, pages } };
  const answers = async function* () {
    for await (const { body } of readPages(sql, of, pass)) yield rowsOf(body);
  };
  return { resume: { ...asked, pass, total, answers: answers() }, staged: { pass, rows, pages } };
};
