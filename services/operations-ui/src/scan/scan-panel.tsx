import { ScanLine, Volume2, VolumeX } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "../look/button.tsx";
import { TextField } from "../look/field.tsx";
import { useSite } from "../site-context.ts";
import { LastResult } from "./last-result.tsx";
import { ResultList } from "./result-list.tsx";
import { ScanSettingsForm } from "./settings-form.tsx";
import { useStation, useStationState } from "./station.ts";
import { pastedTags } from "./wedge.ts";

/** Where scans are made: how they are meant, the box, and what became of each. */
export const ScanPanel = ({ large = false }: { large?: boolean }) => {
  const station = useStation();
  const { settings } = useStationState();
  const Sound = settings.muted ? VolumeX : Volume2;
  return (
    <div
      className={large ? "mx-auto grid max-w-6xl gap-5 p-3 sm:p-6 md:grid-cols-2 md:gap-8" : "grid gap-5 p-4"}
    >
      <section aria-labelledby="scan-title" className="grid min-w-0 content-start gap-4">
        <div className="flex items-center gap-2">
          <h2 id="scan-title" className="flex items-center gap-2 text-lg font-semibold tracking-tight">
            <ScanLine aria-hidden="true" className="size-5 text-accent" />
            Scan
          </h2>
          <Button
            kind="quiet"
            className="-mr-3 ml-auto px-3!"
            aria-pressed={!settings.muted}
            aria-label="Scan tones"
            onClick={() => station.change({ muted: !settings.muted })}
          >
            <Sound aria-hidden="true" className="size-5" />
          </Button>
        </div>
        <ScanBox />
        <ScanSettingsForm />
      </section>
      <section aria-labelledby="results-title" className="grid min-w-0 content-start gap-3">
        <h2 id="results-title" className={large ? "text-lg font-semibold tracking-tight" : "sr-only"}>
          Results
        </h2>
        <LastResult />
        <ResultList />
      </section>
    </div>
  );
};

/* A scanner needs no box: it is heard wherever the focus is. The box is for hands. */
const ScanBox = () => {
  const station = useStation();
  const site = useSite();
  const [text, setText] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    station.take(site.id, pastedTags(text));
    setText("");
  };
  return (
    <form onSubmit={submit} className="grid grid-cols-[1fr_auto] items-end gap-2">
      <TextField
        label="Scan, type or paste tags"
        data-scan=""
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder="Ready for the scanner"
        className="hit-large font-mono"
        inputMode="text"
        autoCapitalize="off"
        maxLength={1_024}
      />
      <Button kind="primary" type="submit" className="hit-large">
        Record
      </Button>
    </form>
  );
};
