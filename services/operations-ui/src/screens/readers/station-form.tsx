import { type PortalSign, type Station, type StationMode, stationModes } from "@tagwire/messages";
import { type FormEvent, useState } from "react";
import { putStation } from "../../api/stations.ts";
import { Button } from "../../look/button.tsx";
import { SelectField, TextField } from "../../look/field.tsx";
import { WrongSaid } from "../../look/wrong-said.tsx";
import { useSite } from "../../site-context.ts";
import { modeWords, signWords } from "../../words/settings-changes.ts";
import { RuleFields } from "./rule-fields.tsx";
import { draftOfStation, emptyStation, type StationDraft, stationOfDraft } from "./station-draft.ts";

type Props = { station?: Station | undefined; onDone: () => void; onLeft: () => void };

/** Makes a station, or sets the one there is: a place, or a portal between two, and what it is for. */
export const StationForm = ({ station, onDone, onLeft }: Props) => {
  const site = useSite();
  const [draft, setDraft] = useState(station === undefined ? emptyStation : draftOfStation(station));
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const set = (change: Partial<StationDraft>): void => setDraft({ ...draft, ...change });
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const next = stationOfDraft(draft, station);
    if ("wrong" in next) return setWrong(next.wrong);
    setBusy(true);
    const answer = await putStation(site.id, draft.id.trim(), next.station);
    setBusy(false);
    setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    if (answer.kind === "ok") onDone();
  };
  return (
    <form
      aria-label={station === undefined ? "Add a station" : `Station ${station.id}`}
      noValidate
      onSubmit={(event) => void save(event)}
      className="grid items-start gap-4 border-b border-line px-4 pb-4 sm:grid-cols-2 sm:px-5"
    >
      {station === undefined && (
        <TextField
          label="Name"
          value={draft.id}
          hint="Letters, digits, hyphens: gate-1. It cannot be changed later."
          onChange={(event) => set({ id: event.target.value })}
        />
      )}
      <SelectField
        label="What it is for"
        value={draft.mode}
        onChange={(event) => set({ mode: event.target.value as StationMode })}
      >
        {stationModes.map((mode) => (
          <option key={mode} value={mode}>
            {modeWords[mode]}
          </option>
        ))}
      </SelectField>
      {draft.mode === "portal" ? (
        <PortalFields draft={draft} set={set} />
      ) : (
        <TextField
          label="Place"
          value={draft.place}
          hint="Where things are that are heard there."
          onChange={(event) => set({ place: event.target.value })}
        />
      )}
      <details className="sm:col-span-2">
        <summary className="hit flex cursor-pointer items-center text-sm font-semibold">
          Rules for what is read there
        </summary>
        <div className="grid items-start gap-3 pt-2 sm:grid-cols-[repeat(auto-fit,minmax(12rem,1fr))]">
          <RuleFields
            texts={draft.rules}
            placeholder="as the reader has it"
            set={(rules) => set({ rules })}
          />
        </div>
      </details>
      <div className="flex flex-wrap items-center gap-3 self-end sm:col-span-2">
        <Button kind="primary" type="submit" disabled={isBusy}>
          {isBusy ? "Saving…" : "Save station"}
        </Button>
        <Button kind="quiet" onClick={onLeft}>
          Not now
        </Button>
        <WrongSaid wrong={wrong} />
      </div>
    </form>
  );
};

const PortalFields = ({
  draft,
  set,
}: {
  draft: StationDraft;
  set: (change: Partial<StationDraft>) => void;
}) => (
  <>
    <TextField
      label="Place inside"
      value={draft.inside}
      onChange={(event) => set({ inside: event.target.value })}
    />
    <TextField
      label="Place outside"
      value={draft.outside}
      onChange={(event) => set({ outside: event.target.value })}
    />
    <SelectField
      label="Which way is known by"
      value={draft.by}
      onChange={(event) => set({ by: event.target.value as PortalSign })}
    >
      {(Object.keys(signWords) as PortalSign[]).map((sign) => (
        <option key={sign} value={sign}>
          {signWords[sign]}
        </option>
      ))}
    </SelectField>
    {draft.by === "triggers" && (
      <div className="grid grid-cols-2 gap-3">
        <TextField
          label="Input inside"
          inputMode="numeric"
          value={draft.insideInput}
          onChange={(event) => set({ insideInput: event.target.value })}
        />
        <TextField
          label="Input outside"
          inputMode="numeric"
          value={draft.outsideInput}
          onChange={(event) => set({ outsideInput: event.target.value })}
        />
      </div>
    )}
  </>
);
