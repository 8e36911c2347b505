import type { CaptureError } from "../epcis/capture.ts";
import { stored } from "./failing.ts";
import type { GatewayStore, Tables } from "./tables.ts";

/** How long a capture job can be asked for. */
export const captureJobLifeMs = 30 * 24 * 3_600_000;

export type ErrorBehaviour = "rollback" | "proceed";

/** What became of one capture, as the standard's capture job has it. */
export type CaptureJob = {
  readonly captureID: string;
  readonly createdAt: string;
  readonly finishedAt: string;
  readonly running: boolean;
  readonly success: boolean;
  readonly captureErrorBehaviour: ErrorBehaviour;
  readonly errors: readonly CaptureError[];
};

type Database = GatewayStore["db"];

/** Keeps a job; those that are too old go on the way. */
export const keepCaptureJob = async (db: Database, job: CaptureJob): Promise<void> => {
  const old = new Date(Date.parse(job.finishedAt) - captureJobLifeMs);
  await stored("epcis_capture", db.deleteFrom("epcis_capture").where("finished_at", "<", old).execute());
  const row = {
    id: job.captureID,
    created_at: new Date(job.createdAt),
    finished_at: new Date(job.finishedAt),
    success: job.success,
    error_behaviour: job.captureErrorBehaviour,
    errors: JSON.stringify(job.errors),
  };
  await stored("epcis_capture", db.insertInto("epcis_capture").values(row).execute());
};

export const findCaptureJob = async (db: Database, id: string): Promise<CaptureJob | undefined> => {
  const row = await stored(
    "epcis_capture",
    db.selectFrom("epcis_capture").selectAll().where("id", "=", id).executeTakeFirst(),
  );
  return row === undefined ? undefined : jobOf(row);
};

type Row = Tables["epcis_capture"];

const jobOf = (row: Row): CaptureJob => ({
  captureID: row.id,
  createdAt: row.created_at.toISOString(),
  finishedAt: row.finished_at.toISOString(),
  running: false,
  success: row.success,
  captureErrorBehaviour: row.error_behaviour,
  errors: JSON.parse(row.errors),
});

/** Jobs, newest first: their ids are made in the order of time. `next` is the id to go on after, null at the end. */
export const listCaptureJobs = async (
  db: Database,
  { limit, after }: { readonly limit: number; readonly after: string | undefined },
): Promise<{ readonly jobs: readonly CaptureJob[]; readonly next: string | null }> => {
  const every = db.selectFrom("epcis_capture").selectAll().orderBy("id", "desc");
  const rows = await stored(
    "epcis_capture",
    (after === undefined ? every : every.where("id", "<", after)).limit(limit + 1).execute(),
  );
  const jobs = rows.slice(0, limit).map(jobOf);
  return { jobs, next: rows.length > limit ? (jobs.at(-1)?.captureID ?? null) : null };
};
