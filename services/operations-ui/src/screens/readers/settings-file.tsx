import { FileDown, FileUp } from "lucide-react";
import { useRef, useState } from "react";
import {
  importSettings,
  type SettingsRowOutcome,
  type SettingsTaken,
  settingsFile,
} from "../../api/readers.ts";
import { Button, buttonClass } from "../../look/button.tsx";
import { TextField } from "../../look/field.tsx";
import { Panel } from "../../look/panel.tsx";
import { useSite } from "../../site-context.ts";
import { countOf } from "../../words/time.ts";

const outcomeWords: Record<SettingsRowOutcome["outcome"], { now: string; wouldBe: string }> = {
  created: { now: "Created", wouldBe: "Would be created" },
  changed: { now: "Changed", wouldBe: "Would be changed" },
  unchanged: { now: "As it was", wouldBe: "As it is" },
  rejected: { now: "Rejected", wouldBe: "Would be rejected" },
};

/** Settings as a file: out of this site, or in, after a look at what would become of each row. */
export const SettingsFile = ({ reader }: { reader?: string }) => {
  const site = useSite();
  return (
    <Panel
      title="Settings as a file"
      aside={
        <a href={settingsFile(site.id, reader)} download className={`${buttonClass("quiet")} -mr-3`}>
          <FileDown aria-hidden="true" className="size-4" />
          Export
        </a>
      }
    >
      {reader === undefined ? (
        <ImportForm />
      ) : (
        <p className="px-4 pb-4 text-sm text-soft sm:px-5">
          The settings of this reader, without its password. Files are taken in on the page of all readers.
        </p>
      )}
    </Panel>
  );
};

const ImportForm = () => {
  const site = useSite();
  const text = useRef<string>(undefined);
  const [isBusy, setBusy] = useState(false);
  const [taken, setTaken] = useState<SettingsTaken>();
  const [wrong, setWrong] = useState<string>();
  const take = async (dryRun: boolean): Promise<void> => {
    if (text.current === undefined) return;
    setBusy(true);
    const answer = await importSettings(site.id, text.current, { dryRun });
    setBusy(false);
    setTaken(answer.kind === "ok" ? answer.value : undefined);
    setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
  };
  const choose = async (file: File | undefined): Promise<void> => {
    setTaken(undefined);
    setWrong(undefined);
    text.current = await file?.text();
    if (file !== undefined) await take(true);
  };
  const wanted = taken === undefined ? 0 : taken.summary.created + taken.summary.changed;
  return (
    <div className="grid gap-3 px-4 pt-2 pb-4 sm:px-5">
      <TextField
        label="Import a file of settings"
        type="file"
        accept=".ndjson,.json,.jsonl"
        hint="As it was exported: a reader in each line. One that is not here yet is added. Nothing is changed before you have seen what would be."
        className="py-2 text-sm"
        onChange={(event) => void choose(event.target.files?.[0])}
      />
      {isBusy && <p className="text-sm text-soft">Looking through the file…</p>}
      {wrong !== undefined && (
        <p role="alert" className="text-sm font-semibold break-words text-missing">
          {wrong}
        </p>
      )}
      {taken !== undefined && <Outcomes taken={taken} />}
      {taken?.dryRun === true && wanted > 0 && (
        <Button
          kind="primary"
          disabled={isBusy}
          className="justify-self-start"
          onClick={() => void take(false)}
        >
          <FileUp aria-hidden="true" className="size-4" />
          Import {countOf(wanted, "reader")}
        </Button>
      )}
    </div>
  );
};

const Outcomes = ({ taken: { dryRun, rows, summary } }: { taken: SettingsTaken }) => (
  <section aria-label="What becomes of each row" className="grid gap-2">
    <p role="status" className="text-sm font-semibold tabular-nums">
      {dryRun ? "A look, nothing is changed yet. There would be " : "Done: "}
      {summary.created} created, {summary.changed} changed, {summary.unchanged} unchanged, {summary.rejected}{" "}
      rejected.
    </p>
    <ol>
      {rows.map(({ row, reader, outcome, message }) => (
        <li key={row} className="flex flex-wrap gap-x-3 border-t border-line py-2 text-sm">
          <span className="text-soft tabular-nums">Row {row}</span>
          <span className="font-mono font-semibold break-all">{reader ?? "–"}</span>
          <span className={outcome === "rejected" ? "font-semibold text-missing" : "font-semibold"}>
            {outcomeWords[outcome][dryRun ? "wouldBe" : "now"]}
          </span>
          {message !== undefined && <span className="min-w-0 basis-full break-words">{message}</span>}
        </li>
      ))}
    </ol>
  </section>
);
