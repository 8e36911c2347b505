import type { DatasetProgress, RfidproRun } from "@tagwire/messages";
import type { Logger } from "@tagwire/service";
import type { PullOutcome } from "../actors/rows.ts";
import { ownedForMs, renewRun } from "../store/runs.ts";
import { type Keeping, keepRun } from "./keep-run.ts";
import { unheardWhy } from "./unheard.ts";

/** How often a run's owner says that it is alive, and how far the run is; and looks whether somebody wants it to end. */
const roundMs = 1_000;

/** Why a run ends before its end. */
export type Cancelled =
  | { readonly is: "person"; readonly by: string }
  | { readonly is: "stopping" }
  | { readonly is: "lost" };

export type Progress = {
  readonly tell: (progress: DatasetProgress) => void;
  readonly datasets: () => readonly DatasetProgress[];
  /** Aborts when the run is to end before its end. */
  readonly signal: AbortSignal;
  readonly cancelled: () => Cancelled | undefined;
  /** Writes down how far it is now. */
  readonly save: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** How far a data set is that has ended so. */
export const progressOf = ({ capability: _of, until: _until, ...outcome }: PullOutcome): DatasetProgress =>
  outcome;

type Owner = Keeping & { readonly owner: string; readonly log: Logger };

/** Keeps a run its owner's, and tells at most once a second how far it is. */
export const openProgress = (
  owning: Owner,
  { site, id, datasets }: RfidproRun,
  stop: AbortSignal,
): Progress => {
  const { sql, owner, log } = owning;
  const control = new AbortController();
  let now = datasets;
  let saved = datasets;
  let cancelled: Cancelled | undefined;
  let renewedAtMs = performance.now();

  const cancel = (why: Cancelled) => {
    cancelled ??= why;
    control.abort();
  };
  const stopping = () => cancel({ is: "stopping" });
  if (stop.aborted) stopping();
  stop.addEventListener("abort", stopping, { once: true });

  const save = async (isTakenForGone = false) => {
    if (now === saved && !isTakenForGone) return;
    const told = now;
    await keepRun(owning, { site, id }, ({ run, owner: of }) =>
      of === owner && run.state === "running"
        ? { ...run, datasets: [...told], why: run.why === unheardWhy ? null : run.why }
        : undefined,
    );
    saved = told;
  };
  const round = async () => {
    const renewed = await renewRun(sql, id, owner);
    if (renewed === undefined) return cancel({ is: "lost" });
    renewedAtMs = performance.now();
    if (renewed.cancelledBy !== null) cancel({ is: "person", by: renewed.cancelledBy });
    await save(renewed.why === unheardWhy);
  };
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= round()
      .catch((err: unknown) => {
        log.warn({ err, run: id }, "progress of a pull not kept");
        // Another may take it for dead from here on.
        if (performance.now() - renewedAtMs > ownedForMs) cancel({ is: "lost" });
      })
      .finally(() => {
        running = undefined;
      });
  }, roundMs);

  return {
    tell: (progress) => {
      now = now.map((one) => (one.dataset === progress.dataset ? progress : one));
    },
    datasets: () => now,
    signal: control.signal,
    cancelled: () => cancelled,
    save,
    stop: async () => {
      clearInterval(timer);
      stop.removeEventListener("abort", stopping);
      await running;
    },
  };
};
