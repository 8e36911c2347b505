import { FileUp } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { type ImportEnd, importItems, type RowOutcome } from "../../api/import-items.ts";
import { Button } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";
import { Panel } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { countOf, countText } from "../../words/time.ts";

/** Rows that are told one by one: those that need somebody first. */
const rowsShownMax = 100;

const outcomeWords: Record<RowOutcome["outcome"], { readonly now: string; readonly wouldBe: string }> = {
  created: { now: "Created", wouldBe: "Would be created" },
  changed: { now: "Changed", wouldBe: "Would be changed" },
  unchanged: { now: "As it was", wouldBe: "As it is" },
  rejected: { now: "Rejected", wouldBe: "Would be rejected" },
};

type Run = {
  readonly dryRun: boolean;
  readonly rows: number;
  readonly shown: readonly RowOutcome[];
} & ImportEnd;

const noteRows = (run: Run, rows: readonly RowOutcome[]): Run => {
  const weight = ({ outcome }: RowOutcome): number => Number(outcome !== "rejected");
  const shown = [...run.shown, ...rows].sort(
    (one, other) => weight(one) - weight(other) || one.row - other.row,
  );
  return { ...run, rows: run.rows + rows.length, shown: shown.slice(0, rowsShownMax) };
};

/** A file of items: looked through first, row by row, and taken in when somebody has seen what would be. */
export const ImportPanel = ({ onLeave }: { onLeave: () => void }) => {
  const site = useSite();
  const [file, setFile] = useState<File>();
  const [run, setRun] = useState<Run>();
  const [isBusy, setBusy] = useState(false);
  const leave = useRef<AbortController>(undefined);
  useEffect(() => () => leave.current?.abort(), []);

  const take = async (from: File, dryRun: boolean): Promise<void> => {
    leave.current?.abort();
    const own = new AbortController();
    leave.current = own;
    setBusy(true);
    setRun({ dryRun, rows: 0, shown: [] });
    const onRows = (rows: readonly RowOutcome[]): void =>
      setRun((before) => (before === undefined || own.signal.aborted ? before : noteRows(before, rows)));
    const end = await importItems(site.id, { file: from, dryRun, signal: own.signal, onRows });
    if (own.signal.aborted) return;
    setBusy(false);
    setRun((before) => before && { ...before, ...end });
  };
  const choose = (chosen: File | undefined): void => {
    setFile(chosen);
    setRun(undefined);
    if (chosen !== undefined) void take(chosen, true);
  };
  const wanted = (run?.summary?.created ?? 0) + (run?.summary?.changed ?? 0);
  return (
    <Panel
      title="Import items"
      aside={
        <Button kind="quiet" className="-mr-3" onClick={onLeave}>
          Close
        </Button>
      }
    >
      <div className="grid gap-3 overflow-y-auto px-4 pb-4 sm:px-5">
        <TextField
          label="A file, CSV or NDJSON"
          type="file"
          accept=".csv,.ndjson,.jsonl"
          hint="Columns: tag, class, name, status, quality, place, notes; or RFIDpro's own. Nothing is changed before you have seen what would be."
          className="py-2 text-sm"
          onChange={(event) => choose(event.target.files?.[0])}
        />
        {isBusy && run !== undefined && (
          <p role="status" className="text-sm tabular-nums">
            {run.dryRun ? "Looking through the file" : "Importing"}: {countOf(run.rows, "row")} so far…
          </p>
        )}
        {run?.wrong !== undefined && (
          <p role="alert" className="text-sm font-semibold break-words text-missing">
            {run.wrong}
          </p>
        )}
        {run?.summary !== undefined && <Outcomes run={run} summary={run.summary} />}
        {run?.dryRun === true && !isBusy && file !== undefined && wanted > 0 && (
          <Button kind="primary" className="justify-self-start" onClick={() => void take(file, false)}>
            <FileUp aria-hidden="true" className="size-4" />
            Import {countOf(wanted, "item")}
          </Button>
        )}
      </div>
    </Panel>
  );
};

const Outcomes = ({ run, summary }: { run: Run; summary: NonNullable<Run["summary"]> }) => (
  <section aria-label="What becomes of each row" className="grid gap-2">
    <p role="status" className="text-sm font-semibold tabular-nums">
      {run.dryRun ? "A look, nothing is changed yet. There would be " : "Done: "}
      {countText(summary.created)} created, {countText(summary.changed)} changed,{" "}
      {countText(summary.unchanged)} unchanged, {countText(summary.rejected)} rejected.
    </p>
    {summary.warnings.map((warning) => (
      <p key={warning} className="text-sm font-semibold text-service">
        {warning}
      </p>
    ))}
    <ol className="max-h-[40dvh] overflow-y-auto">
      {run.shown.map(({ row, tag, outcome, message, replayed }) => (
        <li key={row} className="flex flex-wrap gap-x-3 border-t border-line py-2 text-sm">
          <span className="text-soft tabular-nums">Row {row}</span>
          <span className="font-mono font-semibold break-all">{tag ?? "–"}</span>
          <span className={outcome === "rejected" ? "font-semibold text-missing" : "font-semibold"}>
            {outcomeWords[outcome][run.dryRun ? "wouldBe" : "now"]}
            {replayed === true && ", before already"}
          </span>
          {message !== undefined && <span className="min-w-0 basis-full break-words">{message}</span>}
        </li>
      ))}
    </ol>
    {run.rows > run.shown.length && (
      <p className="text-sm text-soft">
        {rowsShownMax} of {countText(run.rows)} rows are shown, rejected ones first.
      </p>
    )}
  </section>
);
