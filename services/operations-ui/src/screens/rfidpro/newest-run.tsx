import type { DatasetProgress, RfidproRun } from "@tagwire/messages";
import { useState } from "react";
import { cancelPull } from "../../api/rfidpro.ts";
import { Age } from "../../look/age.tsx";
import { Badge } from "../../look/badge.tsx";
import { Button } from "../../look/button.tsx";
import { useSite } from "../../site-context.ts";
import { datasetWords, farnessText, shareOf, stateWords } from "../../words/rfidpro.ts";
import { withSiteTimes } from "../../words/site-times.ts";
import { useMinute } from "../boards/site-time.ts";
import { ManifestLink } from "./manifest-link.tsx";

type Props = { run: RfidproRun; refused: (why: string | undefined) => void };

/** The pull that goes on, or how the last one ended, in words. */
export const NewestRun = ({ run, refused }: Props) => {
  const isRunning = run.state === "running";
  const { timeZone } = useSite();
  const now = useMinute();
  return (
    <section aria-label="The newest pull" className="grid gap-3 border-t border-line px-4 py-3 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        {/* Whoever clicked is told the end wherever they are looking, in words. */}
        <p role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Badge {...stateWords(run)} large />
          <span className="font-semibold">{run.why && withSiteTimes(run.why, timeZone, now)}</span>
        </p>
        <span className="text-sm text-soft">
          begun by {run.by} <Age at={run.startedAt} />
          {run.endedAt !== null && (
            <>
              , ended <Age at={run.endedAt} />
            </>
          )}
        </span>
        {isRunning && <CancelButton key={run.id} id={run.id} refused={refused} />}
        <ManifestLink run={run} />
      </div>
      <ul className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-3">
        {run.datasets.map((progress) => (
          <Farness key={progress.dataset} progress={progress} state={run.state} />
        ))}
      </ul>
    </section>
  );
};

const Farness = ({ progress, state }: { progress: DatasetProgress; state: RfidproRun["state"] }) => {
  const { dataset, verdict, why, pages } = progress;
  const word = datasetWords[dataset];
  const { timeZone } = useSite();
  const now = useMinute();
  const isRunning = state === "running";
  // What a person ended before it was begun has not failed.
  const isUntouched = state === "cancelled" && pages === 0;
  return (
    <li className="grid content-start gap-1">
      <span className="flex flex-wrap gap-x-2">
        <span className="font-semibold">{word}</span>
        <span className="text-soft tabular-nums">{farnessText(progress)}</span>
        {verdict !== null && !isUntouched && <span>{stateWords({ state: "done", verdict }).word}</span>}
      </span>
      {isRunning && (
        <progress aria-label={word} className="h-2 w-full accent-primary" max={1} value={shareOf(progress)} />
      )}
      {why !== null && !isUntouched && (
        <span className="min-w-0 break-words text-soft">{withSiteTimes(why, timeZone, now)}</span>
      )}
    </li>
  );
};

const CancelButton = ({ id, refused }: { id: string; refused: Props["refused"] }) => {
  const [busy, setBusy] = useState(false);
  const cancel = async (): Promise<void> => {
    setBusy(true);
    const answer = await cancelPull(id);
    if (answer.kind === "ok") return;
    setBusy(false);
    refused(answer.kind === "refused" ? answer.refusal.message : undefined);
  };
  return (
    <Button disabled={busy} onClick={() => void cancel()}>
      {busy ? "Ending…" : "Cancel"}
    </Button>
  );
};
