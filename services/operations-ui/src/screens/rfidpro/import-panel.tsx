import type { RfidproImport, RfidproImportPreview, RfidproRun } from "@tagwire/messages";
import { useEffect, useState } from "react";
import { confirmImport, fetchImport, previewImport } from "../../api/rfidpro-differences.ts";
import { Button } from "../../look/button.tsx";
import { Panel, Waiting } from "../../look/panel.tsx";
import { ImportPreview } from "./import-preview.tsx";
import { ImportProgress } from "./import-progress.tsx";
import { useNewestRun } from "./use-newest-run.ts";

/** How often it is asked how far an import is. */
const pollMs = 1_000;

/** Fills the site from the newest whole pull: what it would do first, and then, if somebody confirms exactly that, it does. */
export const ImportPanel = () => {
  const run = useNewestRun(
    ({ verdict, datasets, import: mayBe }) => mayBe && verdict === "complete" && datasets.length === 3,
  );
  return (
    <Panel title="Import">
      {run === undefined ? (
        <Waiting>Only a whole pull of rental classes, items and scans can be imported.</Waiting>
      ) : (
        <ImportOf key={run.id} run={run} />
      )}
    </Panel>
  );
};

const ImportOf = ({ run: { id } }: { run: Pick<RfidproRun, "id"> }) => {
  const [preview, setPreview] = useState<RfidproImportPreview | null>(null);
  const [progress, setProgress] = useState<RfidproImport | null>(null);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const isRunning = progress?.state === "running";

  useEffect(() => {
    const leave = new AbortController();
    const look = async (): Promise<void> => {
      const answer = await fetchImport(id, leave.signal);
      if (leave.signal.aborted || answer.kind !== "ok") return;
      setProgress(answer.value.import);
      setPreview((before) => before ?? answer.value.preview);
    };
    void look();
    const timer = isRunning ? setInterval(() => void look(), pollMs) : undefined;
    return () => {
      leave.abort();
      clearInterval(timer);
    };
  }, [id, isRunning]);

  const ask = async (): Promise<void> => {
    setBusy(true);
    const answer = await previewImport(id);
    setBusy(false);
    setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    if (answer.kind === "ok") setPreview(answer.value);
  };
  const confirm = async ({ digest, needs }: RfidproImportPreview): Promise<void> => {
    setBusy(true);
    const answer = await confirmImport(id, { digest, ...(needs.length === 0 ? {} : { add: needs }) });
    setBusy(false);
    setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    if (answer.kind === "ok") setProgress(answer.value);
  };
  const isDone = progress?.state === "done";
  return (
    <div className="grid gap-3 px-4 pb-4 text-sm sm:px-5">
      {progress !== null && <ImportProgress progress={progress} />}
      {!isRunning && !isDone && (
        <div>
          <Button disabled={busy} onClick={() => void ask()}>
            {busy ? "One moment…" : "Say what an import would do"}
          </Button>
        </div>
      )}
      {preview !== null && (
        <ImportPreview
          preview={preview}
          isOpen={!isRunning && !isDone}
          busy={busy}
          onConfirm={() => void confirm(preview)}
        />
      )}
      {wrong !== undefined && (
        <p role="alert" className="font-semibold text-missing">
          {wrong}
        </p>
      )}
    </div>
  );
};
