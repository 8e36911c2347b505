import { ScanLine, Volume2, VolumeX } from "lucide-react";
import { type FormEvent, lazy, Suspense, useId, useState } from "react";
import { useOpenOdd } from "../lane/use-open-odd.ts";
import { Button } from "../look/button.tsx";
import { TextField } from "../look/field.tsx";
import { narrow, useMedia } from "../look/use-media.ts";
import { PartFault } from "../screens/entry/page-fault.tsx";
import { fetchPart } from "../screens/late-part.ts";
import { useSite } from "../site-context.ts";
import { countText } from "../words/time.ts";
import { LastResult } from "./last-result.tsx";
import { ResultList } from "./result-list.tsx";
import { ScanSettingsForm } from "./settings-form.tsx";
import { Sources } from "./source-doors.tsx";
import { useSettings, useStation } from "./station.ts";
import { looksLikeWords, pastedTags } from "./wedge.ts";

/* Nobody waits for it to scan: what is odd is kept and counted without it. */
const LanePanel = lazy(async () => ({
  default: (await fetchPart(() => import("../lane/lane-panel.tsx"))).LanePanel,
}));

/** Where scans are made: how they are meant, the box, and what became of each. */
export const ScanPanel = ({ large = false }: { large?: boolean }) => {
  const station = useStation();
  const settings = useSettings();
  const id = useId();
  const isNarrow = useMedia(narrow);
  const Sound = settings.muted ? VolumeX : Volume2;
  const heading = (
    <div className="flex items-center gap-2">
      <h2 id={id} className="flex items-center gap-2 text-lg font-semibold tracking-tight">
        <ScanLine aria-hidden="true" className="size-5 text-accent" />
        Scan
      </h2>
      <Button
        kind="quiet"
        className="hit-large -mr-3 ml-auto px-3!"
        aria-pressed={!settings.muted}
        aria-label="Scan tones"
        onClick={() => station.change({ muted: !settings.muted })}
      >
        <Sound aria-hidden="true" className="size-5" />
      </Button>
    </div>
  );
  if (large && !isNarrow) {
    return (
      <section
        aria-labelledby={id}
        className="mx-auto grid max-w-[100rem] grid-cols-2 gap-8 p-6 xl:grid-cols-3"
      >
        <div className="grid grid-cols-[minmax(0,1fr)] content-start gap-5">
          {heading}
          <ScanBox />
          <Sources />
          <ScanSettingsForm />
        </div>
        <div className="grid grid-cols-[minmax(0,1fr)] content-start gap-3">
          <h3 className="flex min-h-12 items-center text-lg font-semibold tracking-tight">Results</h3>
          <LastResult />
          <ResultList />
        </div>
        {/* Where there is no room for a third column it stands below the settings: nothing moves under the thumb when something is odd. */}
        <div className="grid grid-cols-[minmax(0,1fr)] content-start gap-3">
          <Exceptions />
        </div>
      </section>
    );
  }
  return (
    <section aria-labelledby={id} className="grid grid-cols-[minmax(0,1fr)] content-start gap-4 p-4">
      {heading}
      <ScanBox />
      <Sources />
      <LastResult />
      <ScanSettingsForm />
      <Exceptions />
      <ResultList />
    </section>
  );
};

/** What did not go straight, under its number: that is said when it changes, and nothing else of it. */
const Exceptions = () => {
  const id = useId();
  const open = useOpenOdd();
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className="flex min-h-12 items-center gap-2 text-lg font-semibold tracking-tight">
        Exceptions
        <span className={`tabular-nums ${open === 0 ? "text-soft" : "text-missing"}`}>{countText(open)}</span>
      </h3>
      <PartFault>
        <Suspense fallback={<p className="py-3 text-sm text-soft">One moment…</p>}>
          <LanePanel />
        </Suspense>
      </PartFault>
    </section>
  );
};

/*
 * A scanner needs no box: it is heard wherever the focus is. The box is for hands, and what hands type may be no tag at all: it is asked
 * about, and Enter alone does not answer.
 */
const ScanBox = () => {
  const station = useStation();
  const site = useSite();
  const [text, setText] = useState("");
  const [isAsked, setAsked] = useState(false);
  const write = (written: string): void => {
    setText(written);
    setAsked(false);
  };
  const record = (): void => {
    station.take(site.id, pastedTags(text));
    write("");
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (pastedTags(text).some(looksLikeWords)) setAsked(true);
    else record();
  };
  return (
    <form onSubmit={submit} className="grid grid-cols-[1fr_auto] items-end gap-2">
      <TextField
        label="Scan, type or paste tags"
        data-scan=""
        value={text}
        onChange={(event) => write(event.target.value)}
        placeholder="Ready for the scanner"
        className="hit-large font-mono"
        inputMode="text"
        autoCapitalize="off"
        maxLength={1_024}
      />
      <Button kind="primary" type="submit" className="hit-large">
        Record
      </Button>
      <div role="alert" className="col-span-full">
        {isAsked && (
          <div className="flex flex-wrap items-center gap-2 text-sm font-semibold">
            <p>This has spaces in it, as hardly any tag has. Recorded, it is held as an unknown tag.</p>
            <Button onClick={record}>Record it all the same</Button>
            <Button kind="quiet" onClick={() => write("")}>
              Throw it away
            </Button>
          </div>
        )}
      </div>
    </form>
  );
};
